package io.noetl.wasm;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over a range of a module's bytes. Never reads past its end and never allocates by a size
 * that the bytes only claim.
 */
final class ModuleReader {
  private final byte[] bytes;
  private final int end;
  private int at;

  ModuleReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Offset in the module of the next byte. */
  int offset() {
    return at;
  }

  int remaining() {
    return end - at;
  }

  int u8() {
    if (at >= end) {
      throw fault("ends too early");
    }
    return bytes[at++] & 0xff;
  }

  void expect(int value, String what) {
    int found = u8();
    if (found != value) {
      at--;
      throw fault("expected " + what + ", but got 0x" + Integer.toHexString(found));
    }
  }

  /** Unsigned LEB128 of at most five bytes and 32 bits. */
  long u32() {
    int start = at;
    long value = 0;
    for (int i = 0; i < 5; i++) {
      int b = u8();
      if (i == 4 && (b & 0xf0) != 0) {
        at = start;
        throw fault("number is longer than 5 bytes or 32 bits");
      }
      value |= (long) (b & 0x7f) << (7 * i);
      if ((b & 0x80) == 0) {
        return value;
      }
    }
    at = start;
    throw fault("number is longer than 5 bytes or 32 bits");
  }

  /** Signed LEB128 of at most 32 bits. */
  int s32() {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int b = u8();
      value |= (b & 0x7f) << shift;
      if ((b & 0x80) == 0) {
        return shift < 28 && (b & 0x40) != 0 ? value | (-1 << (shift + 7)) : value;
      }
    }
    throw fault("number is longer than 32 bits");
  }

  /** Skips a signed LEB128 of at most this many bits. */
  void skipSigned(int bits) {
    int start = at;
    for (int i = 0; i < (bits + 6) / 7; i++) {
      if ((u8() & 0x80) == 0) {
        return;
      }
    }
    at = start;
    throw fault("number is longer than " + bits + " bits");
  }

  void skip(long count) {
    if (count > remaining()) {
      throw fault("claims " + count + " bytes, but " + remaining() + " are left");
    }
    at += (int) count;
  }

  /**
   * The count of a vector.
   *
   * @param smallest the fewest bytes one entry can take
   */
  int count(int smallest) {
    int start = at;
    long count = u32();
    if (count * smallest > remaining()) {
      int left = remaining();
      at = start;
      throw fault("claims " + count + " entries, but " + left + " bytes are left");
    }
    return (int) count;
  }

  /** The length of a byte range that must lie before the end. */
  int length() {
    int start = at;
    long length = u32();
    if (length > remaining()) {
      int left = remaining();
      at = start;
      throw fault("claims " + length + " bytes, but " + left + " are left");
    }
    return (int) length;
  }

  /** A cursor over the next bytes, which this one skips. */
  ModuleReader slice(int length) {
    ModuleReader slice = new ModuleReader(bytes, at, at + length);
    at += length;
    return slice;
  }

  String name() {
    int length = length();
    int start = at;
    at += length;
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, length))
          .toString();
    } catch (CharacterCodingException e) {
      at = start;
      throw fault("name is not UTF-8");
    }
  }

  Malformed fault(String message) {
    return new Malformed(at, message);
  }

  static Malformed faultAt(int offset, String message) {
    return new Malformed(offset, message);
  }

  /** The bytes at an offset are not what the format allows; ends the reading of its section. */
  static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int offset;

    Malformed(int offset, String message) {
      super(message, null, false, false);
      this.offset = offset;
    }

    int offset() {
      return offset;
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }
}
