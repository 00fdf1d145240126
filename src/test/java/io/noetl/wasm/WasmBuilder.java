package io.noetl.wasm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes small modules for tests, byte by byte. Writes what it is told, valid or not. */
final class WasmBuilder {
  static final byte I32 = 0x7f;
  static final byte I64 = 0x7e;

  private final List<byte[]> types = new ArrayList<>();
  private final List<byte[]> imports = new ArrayList<>();
  private final List<Integer> functions = new ArrayList<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private final List<byte[]> exports = new ArrayList<>();
  private final List<byte[]> data = new ArrayList<>();
  private final List<byte[]> globals = new ArrayList<>();
  private final List<byte[]> extraSections = new ArrayList<>();
  private final List<byte[]> tables = new ArrayList<>();
  private final List<byte[]> elements = new ArrayList<>();
  private boolean dataCount;
  private byte[] memory = bytes(0x00, 1);
  private int importedFunctions;
  private boolean memoryExported = true;

  /** A type {@code (i32 × parameters) -> i32 × results}; returns its index. */
  int type(int parameters, int results) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x60);
    out.writeBytes(u32(parameters));
    out.writeBytes(repeat(I32, parameters));
    out.writeBytes(u32(results));
    out.writeBytes(repeat(I32, results));
    types.add(out.toByteArray());
    return types.size() - 1;
  }

  /** Imports a function of the ABI with its right signature; returns its index. */
  int abi(String name) {
    AbiFunction function = AbiFunction.named(name).orElseThrow();
    return importFunction(
        AbiFunction.MODULE, name, type(function.parameters(), function.returns() ? 1 : 0));
  }

  int importFunction(String module, String name, int type) {
    imports.add(join(text(module), text(name), bytes(0x00), u32(type)));
    return importedFunctions++;
  }

  /** Adds a raw entry to the import section. */
  WasmBuilder rawImport(byte[] entry) {
    imports.add(entry);
    return this;
  }

  /** Adds a function with {@code i32} locals; returns its index. Imports must be added before. */
  int function(int type, int locals, byte[]... instructions) {
    functions.add(type);
    byte[] declared = locals == 0 ? bytes(0) : join(bytes(1), u32(locals), bytes(I32));
    byte[] body = join(declared, join(instructions), bytes(0x0b));
    bodies.add(join(u32(body.length), body));
    return importedFunctions + functions.size() - 1;
  }

  WasmBuilder exportFunction(String name, int index) {
    exports.add(join(text(name), bytes(0x00), u32(index)));
    return this;
  }

  /** Adds and exports {@code execute(input_len) -> i32}, with three more locals, 1 to 3. */
  WasmBuilder execute(byte[]... instructions) {
    return exportFunction("execute", function(type(1, 1), 3, instructions));
  }

  WasmBuilder memory(int initial, int maximum) {
    memory = join(bytes(0x01), u32(initial), u32(maximum));
    return this;
  }

  /** Replaces the only entry of the memory section. */
  WasmBuilder rawMemory(byte[] entry) {
    memory = entry;
    return this;
  }

  WasmBuilder hiddenMemory() {
    memoryExported = false;
    return this;
  }

  /** A table of functions. */
  WasmBuilder table(int initial, int maximum) {
    tables.add(join(bytes(0x70, 0x01), u32(initial), u32(maximum)));
    return this;
  }

  /** Adds an entry to the table section as it is. */
  WasmBuilder rawTable(byte[] entry) {
    tables.add(entry);
    return this;
  }

  /** Puts functions into the table. */
  WasmBuilder element(int offset, int... indexes) {
    byte[] all = bytes();
    for (int index : indexes) {
      all = join(all, u32(index));
    }
    return rawElement(join(bytes(0x00), i32(offset), bytes(0x0b), u32(indexes.length), all));
  }

  /** Adds an entry to the element section as it is. */
  WasmBuilder rawElement(byte[] entry) {
    elements.add(entry);
    return this;
  }

  /** Tells the number of data segments ahead of the code. */
  WasmBuilder dataCount() {
    dataCount = true;
    return this;
  }

  /** Adds a function as it is, without its length; returns its index. */
  int rawFunction(int type, byte[] body) {
    functions.add(type);
    bodies.add(join(u32(body.length), body));
    return importedFunctions + functions.size() - 1;
  }

  /** Exports fuel as the meter would, for modules that it is not asked to meter. */
  WasmBuilder ownFuel() {
    globals.add(join(bytes(I64, 0x01), bytes(0x42, 0x00), bytes(0x0b)));
    return export(FuelMeter.EXPORT, 3, globals.size() - 1);
  }

  /** Adds a mutable {@code i32} global; returns its index. */
  int global(int value) {
    globals.add(join(bytes(I32, 0x01), i32(value), bytes(0x0b)));
    return globals.size() - 1;
  }

  WasmBuilder export(String name, int kind, int index) {
    exports.add(join(text(name), bytes(kind), u32(index)));
    return this;
  }

  /** An active data segment. */
  WasmBuilder data(int offset, String text) {
    return data(offset, text.getBytes(StandardCharsets.UTF_8));
  }

  WasmBuilder data(int offset, byte[] content) {
    data.add(join(bytes(0x00), i32(offset), bytes(0x0b), u32(content.length), content));
    return this;
  }

  /** Adds an entry to the data section as it is. */
  WasmBuilder rawData(byte[] entry) {
    data.add(entry);
    return this;
  }

  /** A section that is written after all others. */
  WasmBuilder section(int id, byte[] content) {
    extraSections.add(join(bytes(id), u32(content.length), content));
    return this;
  }

  byte[] build() {
    if (memoryExported) {
      exports.add(join(text("memory"), bytes(0x02), u32(0)));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(bytes(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    vector(out, 1, types);
    vector(out, 2, imports);
    List<byte[]> indexes = new ArrayList<>();
    functions.forEach(type -> indexes.add(u32(type)));
    vector(out, 3, indexes);
    vector(out, 4, tables);
    vector(out, 5, memory.length == 0 ? List.of() : List.of(memory));
    vector(out, 6, globals);
    vector(out, 7, exports);
    vector(out, 9, elements);
    if (dataCount) {
      out.writeBytes(join(bytes(12), u32(u32(data.size()).length), u32(data.size())));
    }
    vector(out, 10, bodies);
    vector(out, 11, data);
    extraSections.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static void vector(ByteArrayOutputStream out, int id, List<byte[]> entries) {
    if (entries.isEmpty()) {
      return;
    }
    byte[] content = join(u32(entries.size()), join(entries.toArray(byte[][]::new)));
    out.write(id);
    out.writeBytes(u32(content.length));
    out.writeBytes(content);
  }

  // Instructions.

  static byte[] i32(int value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x41);
    int rest = value;
    while (true) {
      int low = rest & 0x7f;
      rest >>= 7;
      boolean last = (rest == 0 && (low & 0x40) == 0) || (rest == -1 && (low & 0x40) != 0);
      out.write(last ? low : low | 0x80);
      if (last) {
        return out.toByteArray();
      }
    }
  }

  static byte[] call(int function) {
    return join(bytes(0x10), u32(function));
  }

  static byte[] get(int local) {
    return join(bytes(0x20), u32(local));
  }

  static byte[] set(int local) {
    return join(bytes(0x21), u32(local));
  }

  static byte[] drop() {
    return bytes(0x1a);
  }

  static byte[] unreachable() {
    return bytes(0x00);
  }

  /** {@code loop … br 0 end unreachable}, which never ends. */
  static byte[] forever(byte[]... instructions) {
    return join(bytes(0x03, 0x40), join(instructions), bytes(0x0c, 0x00, 0x0b, 0x00));
  }

  /** Repeats the instructions as often as the constant says, counting down in the local. */
  static byte[] times(int local, int count, byte[]... instructions) {
    return join(
        i32(count),
        set(local),
        bytes(0x03, 0x40),
        join(instructions),
        get(local),
        i32(1),
        bytes(0x6b, 0x22),
        u32(local),
        bytes(0x0d, 0x00, 0x0b));
  }

  // Encoding.

  static byte[] u32(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long rest = value;
    do {
      long low = rest & 0x7f;
      rest >>>= 7;
      out.write((int) (rest == 0 ? low : low | 0x80));
    } while (rest != 0);
    return out.toByteArray();
  }

  static byte[] text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return join(u32(utf8.length), utf8);
  }

  static byte[] bytes(int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      out[i] = (byte) values[i];
    }
    return out;
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] repeat(byte value, int count) {
    byte[] out = new byte[count];
    Arrays.fill(out, value);
    return out;
  }
}
