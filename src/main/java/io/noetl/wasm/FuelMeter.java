package io.noetl.wasm;

import io.noetl.wasm.ModuleOutline.RawBody;
import io.noetl.wasm.ModuleOutline.RawSection;
import java.io.ByteArrayOutputStream;
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
  static final String VERSION = "fuel-2";

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
    Bytes out = new Bytes(module.length + module.length / 4 + 64);
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
            Bytes only = new Bytes(16);
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
    Bytes entry = new Bytes(8);
    entry.write(I64);
    entry.write(MUTABLE);
    entry.write(Instructions.I64_CONST);
    entry.s64(0);
    entry.write(Instructions.END);
    return entry.toByteArray();
  }

  private byte[] export() {
    Bytes entry = new Bytes(16);
    byte[] name = EXPORT.getBytes(StandardCharsets.US_ASCII);
    entry.u32(name.length);
    entry.range(name, 0, name.length);
    entry.write(ModuleOutline.GLOBAL);
    entry.u32(fuel);
    return entry.toByteArray();
  }

  /** A vector section with one more entry. */
  private void appended(Bytes out, RawSection section, byte[] entry) {
    ModuleReader in = new ModuleReader(module, section.content(), section.end());
    long count = in.u32();
    Bytes content = new Bytes(section.end() - section.content() + entry.length + 5);
    content.u32(count + 1);
    content.range(module, in.offset(), section.end());
    content.range(entry, 0, entry.length);
    out.section(section.id(), content);
  }

  private Bytes code() {
    Bytes content = new Bytes(module.length);
    content.u32(outline.rawBodies.size());
    for (RawBody body : outline.rawBodies) {
      Bytes written = body(body);
      content.u32(written.size());
      content.append(written);
    }
    return content;
  }

  private Bytes body(RawBody body) {
    Bytes out = new Bytes((body.end() - body.start()) * 2);
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
    out.write(I64);
    if (plan.needsLengths()) {
      out.u32(2);
      out.write(I32);
    }
    Payment payment = new Payment(out, fuel, body.locals(), plan.inLocal());
    if (plan.inLocal()) {
      // A block around everything: a branch out of the function comes by its end.
      payment.reload();
      out.write(Instructions.BLOCK);
      out.write(resultOf(body));
    }
    int at = body.instructions();
    for (FuelPlan.Edit edit : plan.edits(leafUnits)) {
      out.range(module, at, edit.offset());
      at = edit.offset();
      switch (edit) {
        case FuelPlan.Reload _ -> payment.reload();
        case FuelPlan.Save _ -> payment.save();
        case FuelPlan.Charge charge -> payment.units(charge.units());
        case FuelPlan.ByLength length -> payment.byLength(length.shift());
        case FuelPlan.Grow grow -> {
          payment.grow(module, at, grow.end(), grow.what());
          at = grow.end();
        }
      }
    }
    out.range(module, at, body.end());
    if (plan.inLocal()) {
      payment.save();
      out.write(Instructions.END);
    }
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

  /**
   * The code that pays. Leaves the operand stack as it finds it.
   *
   * @param fuel index of the global
   * @param scratch index of the first local of ours: an {@code i64}, then two {@code i32}
   * @param inLocal whether that local holds the fuel while the function runs
   */
  private record Payment(Bytes out, int fuel, long scratch, boolean inLocal) {
    private static final int I32_NE = 0x47;
    private static final int I64_LESS_SIGNED = 0x53;
    private static final int I64_SUBTRACT = 0x7d;
    private static final int I64_SHIFT_LEFT = 0x86;
    private static final int I64_SHIFT_RIGHT = 0x88;
    private static final int I64_EXTEND_UNSIGNED = 0xad;

    /** A page costs 1024 units. */
    private static final int PAGE_SHIFT = 10;

    void reload() {
      op(Instructions.GLOBAL_GET, fuel);
      op(Instructions.LOCAL_SET, scratch);
    }

    void save() {
      op(Instructions.LOCAL_GET, scratch);
      op(Instructions.GLOBAL_SET, fuel);
    }

    void units(int units) {
      left();
      constant(units);
      pay();
    }

    /** The length is on top of the operand stack, unsigned. */
    void byLength(int shift) {
      op(Instructions.LOCAL_TEE, scratch + 1);
      left();
      op(Instructions.LOCAL_GET, scratch + 1);
      out.write(I64_EXTEND_UNSIGNED);
      constant(shift);
      out.write(I64_SHIFT_RIGHT);
      pay();
    }

    /** By what it became, only when it worked: asking for too much is free. */
    void grow(byte[] module, int from, int to, FuelPlan.Growth what) {
      op(Instructions.LOCAL_TEE, scratch + 1);
      out.range(module, from, to);
      op(Instructions.LOCAL_TEE, scratch + 2);
      out.write(Instructions.I32_CONST);
      out.s64(-1);
      out.write(I32_NE);
      out.write(Instructions.IF);
      out.write(EMPTY_BLOCK);
      left();
      switch (what) {
        case MEMORY -> {
          op(Instructions.LOCAL_GET, scratch + 1);
          out.write(I64_EXTEND_UNSIGNED);
          constant(PAGE_SHIFT);
          out.write(I64_SHIFT_LEFT);
        }
        case TABLE -> {
          // The engine copies the whole table, whatever is added to it.
          out.write(Instructions.PREFIXED);
          out.u32(Instructions.TABLE_SIZE);
          out.u32(0);
          out.write(I64_EXTEND_UNSIGNED);
          constant(FuelPlan.ELEMENTS_PER_UNIT);
          out.write(I64_SHIFT_RIGHT);
        }
      }
      pay();
      out.write(Instructions.END);
      op(Instructions.LOCAL_GET, scratch + 2);
    }

    private void left() {
      op(inLocal ? Instructions.LOCAL_GET : Instructions.GLOBAL_GET, inLocal ? scratch : fuel);
    }

    /** What is left and what is due are on the operand stack. */
    private void pay() {
      out.write(I64_SUBTRACT);
      op(Instructions.LOCAL_TEE, scratch);
      if (!inLocal) {
        op(Instructions.GLOBAL_SET, fuel);
        op(Instructions.LOCAL_GET, scratch);
      }
      constant(0);
      out.write(I64_LESS_SIGNED);
      out.write(Instructions.IF);
      out.write(EMPTY_BLOCK);
      if (inLocal) {
        save();
      }
      out.write(Instructions.UNREACHABLE);
      out.write(Instructions.END);
    }

    private void op(int opcode, long index) {
      out.write(opcode);
      out.u32(index);
    }

    private void constant(long value) {
      out.write(Instructions.I64_CONST);
      out.s64(value);
    }
  }

  /** Bytes that know the encoding of numbers. */
  private static final class Bytes extends ByteArrayOutputStream {
    Bytes(int size) {
      super(Math.max(16, size));
    }

    void u32(long value) {
      long rest = value;
      do {
        int low = (int) (rest & 0x7f);
        rest >>>= 7;
        write(rest == 0 ? low : low | 0x80);
      } while (rest != 0);
    }

    void s64(long value) {
      long rest = value;
      while (true) {
        int low = (int) (rest & 0x7f);
        rest >>= 7;
        if ((rest == 0 && (low & 0x40) == 0) || (rest == -1 && (low & 0x40) != 0)) {
          write(low);
          return;
        }
        write(low | 0x80);
      }
    }

    void range(byte[] from, int start, int end) {
      write(from, start, end - start);
    }

    void append(Bytes other) {
      write(other.buf, 0, other.count);
    }

    void section(ModuleSection section, Bytes content) {
      write(section.id());
      u32(content.size());
      append(content);
    }
  }
}
