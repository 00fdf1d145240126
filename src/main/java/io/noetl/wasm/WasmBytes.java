package io.noetl.wasm;

import java.io.ByteArrayOutputStream;

/** Bytes that know the encoding of numbers. */
final class WasmBytes extends ByteArrayOutputStream {
  WasmBytes(int size) {
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

  void append(WasmBytes other) {
    write(other.buf, 0, other.count);
  }

  void section(ModuleSection section, WasmBytes content) {
    write(section.id());
    u32(content.size());
    append(content);
  }
}
