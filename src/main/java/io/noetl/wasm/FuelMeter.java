package io.noetl.wasm;

import io.noetl.wasm.ModuleOutline.RawBody;
import io.noetl.wasm.ModuleOutline.RawSection;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Compiles the budget of fuel into an admitted module: one more mutable {@code i64} global, last,
 * exported to the host as {@value #EXPORT}, from which each function pays as its {@link FuelPlan}
 * says. A guest whose fuel falls below zero executes {@code unreachable}.
 *
 * <p>Pure: the same module gives the same bytes everywhere. No index of the original moves, and the
 * original cannot name the new global, because admission refuses an index beyond its own count.
 */
final class FuelMeter {
  /** Part of every cache key: another table of costs is another module. */
  static final String VERSION = "fuel-3";

  static final String EXPORT = "noetl_fuel";

  private static final int I64 = 0x7e;
  private static final int I32 = 0x7f;
  private static final int F32 = 0x7d;
  private static final int F64 = 0x7c;
  private static final int EMPTY_BLOCK = 0x40;
  private static final int MUTABLE = 1;

  private final byte[] module;
  private final ModuleOutline outline;
  private final int fuel;
  private final int[] leafUnits;

  private FuelMeter(byte[] module, ModuleOutline outline) {
    this.module = module;
    this.outline = outline;
    this.fuel = outline.globals.size();
    this.leafUnits = leafUnits(outline);
  }

  /**
   * @param outline of this module, which must have been admitted
   */
  static byte[] instrument(byte[] module, ModuleOutline outline) {
    return new FuelMeter(module, outline).written();
  }

  /** The functions that their callers pay for. What the host calls pays itself. */
  private static int[] leafUnits(ModuleOutline outline) {
    int[] units = new int[outline.functionTypes.size()];
    for (RawBody body : outline.rawBodies) {
      units[body.index()] = body.plan().leafUnits();
    }
    for (ModuleOutline.RawExport export : outline.rawExports) {
      if (export.kind() == ModuleOutline.FUNCTION) {
        units[export.index()] = 0;
      }
    }
    return units;
  }

  private byte[] written() {
    WasmBytes out = new WasmBytes(module.length + module.length / 4 + 64);
    out.range(module, 0, 8);
    boolean globals = false;
    for (RawSection section : outline.sections) {
      switch (section.id()) {
        case GLOBAL -> {
          appended(out, section, global());
          globals = true;
        }
        case EXPORT -> {
          if (!globals) {
            WasmBytes only = new WasmBytes(16);
            only.u32(1);
            only.range(global(), 0, global().length);
            out.section(ModuleSection.GLOBAL, only);
          }
          appended(out, section, export());
        }
        case CODE -> out.section(ModuleSection.CODE, code());
        case TYPE, IMPORT, FUNCTION, TABLE, MEMORY, START, ELEMENT, DATA_COUNT, DATA ->
            out.range(module, section.start(), section.end());
      }
    }
    for (ModuleOutline.RawCustom custom : outline.customSections) {
      // The name section is the only one that anybody reads; its place does not matter.
      out.range(module, custom.start(), custom.end());
    }
    return out.toByteArray();
  }

  private static byte[] global() {
    WasmBytes entry = new WasmBytes(8);
    entry.write(I64);
    entry.write(MUTABLE);
    entry.write(Instructions.I64_CONST);
    entry.s64(0);
    entry.write(Instructions.END);
    return entry.toByteArray();
  }

  private byte[] export() {
    WasmBytes entry = new WasmBytes(16);
    byte[] name = EXPORT.getBytes(StandardCharsets.US_ASCII);
    entry.u32(name.length);
    entry.range(name, 0, name.length);
    entry.write(ModuleOutline.GLOBAL);
    entry.u32(fuel);
    return entry.toByteArray();
  }

  /** A vector section with one more entry. */
  private void appended(WasmBytes out, RawSection section, byte[] entry) {
    ModuleReader in = new ModuleReader(module, section.content(), section.end());
    long count = in.u32();
    WasmBytes content = new WasmBytes(section.end() - section.content() + entry.length + 5);
    content.u32(count + 1);
    content.range(module, in.offset(), section.end());
    content.range(entry, 0, entry.length);
    out.section(section.id(), content);
  }

  private WasmBytes code() {
    WasmBytes content = new WasmBytes(module.length);
    content.u32(outline.rawBodies.size());
    for (RawBody body : outline.rawBodies) {
      WasmBytes written = body(body);
      content.u32(written.size());
      content.append(written);
    }
    return content;
  }

  private WasmBytes body(RawBody body) {
    WasmBytes out = new WasmBytes((body.end() - body.start()) * 2);
    if (leafUnits[body.index()] > 0) {
      out.range(module, body.start(), body.end());
      return out;
    }
    ModuleReader in = new ModuleReader(module, body.start(), body.instructions());
    long groups = in.u32();
    FuelPlan plan = body.plan();
    out.u32(groups + (plan.needsLengths() ? 2 : 1));
    out.range(module, in.offset(), body.instructions());
    out.u32(1);
    out.write(plan.inLocal() ? I32 : I64);
    if (plan.needsLengths()) {
      out.u32(2);
      out.write(I32);
    }
    FuelPayment payment = new FuelPayment(out, fuel, body.locals(), plan.inLocal());
    // Two blocks around everything: a branch out of the inner one returns, out of the outer one
    // ends the guest. So each payment is short, and the JIT need not read what is never reached.
    payment.reload();
    out.write(Instructions.BLOCK);
    out.write(EMPTY_BLOCK);
    out.write(Instructions.BLOCK);
    out.write(resultOf(body));
    int at = body.instructions();
    for (FuelPlan.Edit edit : plan.edits(leafUnits)) {
      out.range(module, at, edit.offset());
      at = edit.offset();
      switch (edit) {
        case FuelPlan.Reload _ -> payment.reload();
        case FuelPlan.Save _ -> payment.save();
        case FuelPlan.Charge charge -> payment.charge(charge);
        case FuelPlan.Back back -> {
          payment.back(back);
          at = back.end();
        }
        case FuelPlan.Return leave -> {
          payment.leave(leave);
          at = leave.end();
        }
        case FuelPlan.ByLength length -> payment.byLength(length.shift());
        case FuelPlan.Grow grow -> {
          payment.grow(module, at, grow.end(), grow.what());
          at = grow.end();
        }
      }
    }
    out.range(module, at, body.end());
    payment.save();
    out.write(Instructions.RETURN);
    out.write(Instructions.END);
    payment.save();
    out.write(Instructions.UNREACHABLE);
    out.write(Instructions.END);
    return out;
  }

  /** The type of a block with the result of the function. */
  private int resultOf(RawBody body) {
    List<String> results = outline.types.get(outline.functionTypes.get(body.index())).results();
    return results.isEmpty()
        ? EMPTY_BLOCK
        : switch (results.getFirst()) {
          case "i32" -> I32;
          case "i64" -> I64;
          case "f32" -> F32;
          case "f64" -> F64;
          default ->
              throw new IllegalStateException("Expected a number, but got " + results.getFirst());
        };
  }
}
