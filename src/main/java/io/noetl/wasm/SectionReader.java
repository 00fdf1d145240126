package io.noetl.wasm;

import io.noetl.wasm.ModuleOutline.RawExport;
import io.noetl.wasm.ModuleOutline.RawImport;
import io.noetl.wasm.ModuleOutline.RawMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the content of each section into the outline of the module. A form outside the admitted set
 * (garbage-collected types, SIMD, threads, 64-bit or several memories, references beyond {@code
 * funcref} tables, a start function) ends its section with a fault.
 */
final class SectionReader {
  static final int FUNCREF = 0x70;

  private final byte[] bytes;
  private final ModuleOutline module;
  private final PluginLimits limits;
  private final Faults faults;

  SectionReader(byte[] bytes, ModuleOutline module, PluginLimits limits, Faults faults) {
    this.bytes = bytes;
    this.module = module;
    this.limits = limits;
    this.faults = faults;
  }

  void read(ModuleSection section, ModuleReader in) {
    switch (section) {
      case TYPE -> types(in);
      case IMPORT -> imports(in);
      case FUNCTION -> functions(in);
      case TABLE -> tables(in);
      case MEMORY -> memories(in);
      case GLOBAL -> globals(in);
      case EXPORT -> exports(in);
      case START -> throw in.fault("a start function is not admitted; export _initialize instead");
      case ELEMENT -> elements(in);
      case DATA_COUNT -> module.dataCount = in.u32();
      case CODE -> code(in);
      case DATA -> data(in);
    }
  }

  private void types(ModuleReader in) {
    int count = atMost(in, in.count(3), limits.module().types(), "types (plugin.types)");
    for (int i = 0; i < count; i++) {
      in.expect(0x60, "a function type (other types are not admitted)");
      List<String> parameters = valueTypes(in);
      List<String> results = valueTypes(in);
      if (results.size() > 1) {
        throw in.fault("a function with several results is not admitted");
      }
      module.types.add(new ModuleOutline.Type(parameters, results));
    }
  }

  private static List<String> valueTypes(ModuleReader in) {
    int count = in.count(1);
    List<String> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(valueType(in));
    }
    return list;
  }

  /** Whether a value type is one of the four numbers. */
  static boolean isNumber(int type) {
    return type >= 0x7c && type <= 0x7f;
  }

  private static String valueType(ModuleReader in) {
    int type = in.u8();
    return switch (type) {
      case 0x7f -> "i32";
      case 0x7e -> "i64";
      case 0x7d -> "f32";
      case 0x7c -> "f64";
      default -> {
        String what =
            switch (type) {
              case 0x7b -> "SIMD";
              case 0x70, 0x6f, 0x64, 0x63 -> "a reference outside a table";
              case 0x69, 0x74 -> "an exception";
              default -> "an unknown type";
            };
        throw ModuleReader.faultAt(
            in.offset() - 1,
            "value type 0x" + Integer.toHexString(type) + " is not admitted (" + what + ")");
      }
    };
  }

  private void imports(ModuleReader in) {
    int count = atMost(in, in.count(4), limits.module().functions(), "imports (plugin.functions)");
    for (int i = 0; i < count; i++) {
      int offset = in.offset();
      String from = in.name();
      String name = in.name();
      int kind = in.u8();
      int index = 0;
      switch (kind) {
        case ModuleOutline.FUNCTION -> {
          index = indexBelow(in, module.types.size(), "type");
          module.functionTypes.add(index);
        }
        case ModuleOutline.TABLE -> {
          in.u8();
          limits(in);
        }
        case ModuleOutline.MEMORY -> limits(in);
        case ModuleOutline.GLOBAL -> {
          valueType(in);
          in.u8();
        }
        default -> throw in.fault("import of kind " + kind + " is not admitted");
      }
      module.rawImports.add(new RawImport(offset, from, name, kind, index));
    }
  }

  private void functions(ModuleReader in) {
    int count =
        atMost(in, in.count(1), limits.module().functions(), "functions (plugin.functions)");
    for (int i = 0; i < count; i++) {
      module.functionTypes.add(indexBelow(in, module.types.size(), "type"));
      module.functions++;
    }
  }

  private void tables(ModuleReader in) {
    int count = atMost(in, in.count(3), 1, "tables");
    for (int i = 0; i < count; i++) {
      in.expect(FUNCREF, "a table of funcref (other tables are not admitted)");
      int offset = in.offset();
      long initial = limits(in)[0];
      if (initial > limits.module().tableElements()) {
        faults.add(
            ModuleSection.TABLE,
            offset,
            "expected at most "
                + limits.module().tableElements()
                + " elements (plugin.table-elements), but got "
                + initial);
      }
      module.tables++;
    }
  }

  private void memories(ModuleReader in) {
    int count = in.count(2);
    for (int i = 0; i < count; i++) {
      int offset = in.offset();
      long[] bounds = limits(in);
      module.memories.add(new RawMemory(offset, bounds[0], bounds[1]));
    }
  }

  /** Initial and maximum, -1 for none. */
  private static long[] limits(ModuleReader in) {
    int flags = in.u8();
    if (flags > 1) {
      throw in.fault("shared or 64-bit limits (0x" + Integer.toHexString(flags) + ") not admitted");
    }
    long initial = in.u32();
    return new long[] {initial, flags == 1 ? in.u32() : -1};
  }

  private void globals(ModuleReader in) {
    int count = in.count(4);
    for (int i = 0; i < count; i++) {
      valueType(in);
      int mutable = in.u8();
      if (mutable > 1) {
        throw in.fault("mutability 0x" + Integer.toHexString(mutable) + " is unknown");
      }
      constant(in);
      module.globals.add(mutable == 1);
    }
  }

  /** A constant expression: exactly one instruction and its end. */
  private void constant(ModuleReader in) {
    int opcode = in.u8();
    switch (opcode) {
      case 0x41 -> in.skipSigned(32);
      case 0x42 -> in.skipSigned(64);
      case 0x43 -> in.skip(4);
      case 0x44 -> in.skip(8);
      // The engine sees one global more than the author wrote; it must not be within reach.
      case 0x23 -> indexBelow(in, module.globals.size(), "global");
      case 0xd2 -> indexBelow(in, module.functionTypes.size(), "function");
      case 0xd0 -> in.expect(FUNCREF, "funcref");
      default ->
          throw in.fault(
              "constant expression with opcode 0x" + Integer.toHexString(opcode) + " not admitted");
    }
    in.expect(0x0b, "the end of a constant expression");
  }

  private void exports(ModuleReader in) {
    int count = atMost(in, in.count(3), limits.module().functions(), "exports (plugin.functions)");
    for (int i = 0; i < count; i++) {
      int offset = in.offset();
      String name = in.name();
      int kind = in.u8();
      if (kind > ModuleOutline.GLOBAL) {
        throw in.fault("export of kind " + kind + " is not admitted");
      }
      long index = in.u32();
      module.rawExports.add(
          new RawExport(offset, name, kind, (int) Math.min(Integer.MAX_VALUE, index)));
    }
  }

  private void elements(ModuleReader in) {
    int count = in.count(2);
    for (int i = 0; i < count; i++) {
      long flags = in.u32();
      if (flags > 7) {
        throw in.fault("element segment of kind " + flags + " is unknown");
      }
      boolean active = (flags & 1) == 0;
      boolean explicit = (flags & 2) != 0;
      boolean expressions = (flags & 4) != 0;
      if (active) {
        if (explicit) {
          indexBelow(in, module.tables, "table");
        }
        constant(in);
      }
      if (!active || explicit) {
        in.expect(expressions ? FUNCREF : 0, "funcref elements");
      }
      int entries = in.count(1);
      for (int j = 0; j < entries; j++) {
        if (expressions) {
          constant(in);
        } else {
          indexBelow(in, module.functionTypes.size(), "function");
        }
      }
      module.elementSegments++;
    }
  }

  private void code(ModuleReader in) {
    int count =
        atMost(in, in.count(3), limits.module().functions(), "functions (plugin.functions)");
    for (int i = 0; i < count; i++) {
      int offset = in.offset();
      int size = in.length();
      if (size > limits.module().functionBytes()) {
        faults.add(
            ModuleSection.CODE,
            offset,
            "expected a function of at most "
                + limits.module().functionBytes()
                + " bytes (plugin.function-bytes), but got "
                + size);
        in.skip(size);
      } else {
        function(i, in.slice(size));
      }
      module.bodies++;
    }
  }

  /** A fault inside a function ends that function only. */
  private void function(int index, ModuleReader in) {
    try {
      body(index, in);
    } catch (ModuleReader.Malformed e) {
      faults.add(ModuleSection.CODE, e.offset(), "function " + index + ": " + e.text());
    }
  }

  private void body(int index, ModuleReader in) {
    int start = in.offset();
    int end = start + in.remaining();
    int groups = in.count(2);
    long locals = 0;
    for (int i = 0; i < groups; i++) {
      locals += in.u32();
      valueType(in);
    }
    if (locals > limits.module().locals()) {
      throw ModuleReader.faultAt(
          start,
          "expected at most "
              + limits.module().locals()
              + " locals (plugin.locals), but got "
              + locals);
    }
    int own = module.functionTypes.size() - module.functions + index;
    if (index >= module.functions || !module.readable(ModuleSection.TYPE, ModuleSection.FUNCTION)) {
      // What it may name is unknown, and there is a fault that says so.
      return;
    }
    long all = locals + module.types.get(module.functionTypes.get(own)).parameters().size();
    int instructions = in.offset();
    FuelPlan plan = new BodyReader(module, limits).read(in, all);
    module.rawBodies.add(new ModuleOutline.RawBody(own, start, instructions, end, all, plan));
    constantOf(own, instructions, end);
  }

  /** Notes a function that is nothing but {@code i32.const n}. */
  private void constantOf(int function, int instructions, int end) {
    ModuleReader in = new ModuleReader(bytes, instructions, end);
    if (in.u8() == Instructions.I32_CONST) {
      int value = in.s32();
      if (in.u8() == Instructions.END) {
        module.constants.put(function, value);
      }
    }
  }

  private void data(ModuleReader in) {
    int count = in.count(2);
    for (int i = 0; i < count; i++) {
      long flags = in.u32();
      if (flags > 2) {
        throw in.fault("data segment of kind " + flags + " is unknown");
      }
      if (flags == 2) {
        in.expect(0, "memory 0");
      }
      if (flags != 1) {
        constant(in);
      }
      in.skip(in.u32());
      module.dataSegments++;
    }
  }

  private static int indexBelow(ModuleReader in, int count, String what) {
    int offset = in.offset();
    long index = in.u32();
    if (index >= count) {
      throw new ModuleReader.Malformed(
          offset, "expected a " + what + " below " + count + ", but got " + index);
    }
    return (int) index;
  }

  private static int atMost(ModuleReader in, int count, int most, String what) {
    if (count > most) {
      throw in.fault("expected at most " + most + " " + what + ", but got " + count);
    }
    return count;
  }
}
