package io.noetl.wasm;

/** The admitted instructions and, by name, the refused ones. Pure. */
final class Instructions {
  static final int UNREACHABLE = 0x00;
  static final int NOP = 0x01;
  static final int BLOCK = 0x02;
  static final int LOOP = 0x03;
  static final int IF = 0x04;
  static final int ELSE = 0x05;
  static final int END = 0x0b;
  static final int BR = 0x0c;
  static final int BR_IF = 0x0d;
  static final int BR_TABLE = 0x0e;
  static final int RETURN = 0x0f;
  static final int CALL = 0x10;
  static final int CALL_INDIRECT = 0x11;
  static final int DROP = 0x1a;
  static final int SELECT = 0x1b;
  static final int SELECT_TYPED = 0x1c;
  static final int LOCAL_GET = 0x20;
  static final int LOCAL_SET = 0x21;
  static final int LOCAL_TEE = 0x22;
  static final int GLOBAL_GET = 0x23;
  static final int GLOBAL_SET = 0x24;
  static final int TABLE_GET = 0x25;
  static final int TABLE_SET = 0x26;
  static final int FIRST_LOAD = 0x28;
  static final int LAST_STORE = 0x3e;
  static final int MEMORY_SIZE = 0x3f;
  static final int MEMORY_GROW = 0x40;
  static final int I32_CONST = 0x41;
  static final int I64_CONST = 0x42;
  static final int F32_CONST = 0x43;
  static final int F64_CONST = 0x44;
  static final int FIRST_NUMERIC = 0x45;

  /** Sign extension included. */
  static final int LAST_NUMERIC = 0xc4;

  static final int REF_NULL = 0xd0;
  static final int REF_IS_NULL = 0xd1;
  static final int REF_FUNC = 0xd2;

  /** Saturating conversions and bulk operations follow by a second number. */
  static final int PREFIXED = 0xfc;

  static final int LAST_SATURATING = 7;
  static final int MEMORY_INIT = 8;
  static final int DATA_DROP = 9;
  static final int MEMORY_COPY = 10;
  static final int MEMORY_FILL = 11;
  static final int TABLE_INIT = 12;
  static final int ELEM_DROP = 13;
  static final int TABLE_COPY = 14;
  static final int TABLE_GROW = 15;
  static final int TABLE_SIZE = 16;
  static final int TABLE_FILL = 17;

  private Instructions() {}

  /** Why an instruction outside the admitted set is refused. */
  static String refusal(int opcode) {
    String number = "0x" + Integer.toHexString(opcode);
    return switch (opcode) {
      case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f ->
          "exceptions are not admitted (instruction " + number + ")";
      case 0x12, 0x13, 0x15 -> "tail calls are not admitted (instruction " + number + ")";
      case 0x14, 0xd3, 0xd4, 0xd5, 0xd6 ->
          "typed references are not admitted (instruction " + number + ")";
      case 0xfb -> "garbage-collected types are not admitted (instruction 0xfb)";
      case 0xfd -> "SIMD is not admitted (instruction 0xfd)";
      case 0xfe -> "threads and atomics are not admitted (instruction 0xfe)";
      default -> "instruction " + number + " is unknown";
    };
  }
}
