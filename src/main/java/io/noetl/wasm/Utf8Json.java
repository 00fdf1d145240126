package io.noetl.wasm;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads JSON of a guest, which must be UTF-8: a parser left alone would also guess UTF-16. */
final class Utf8Json {
  private Utf8Json() {}

  /**
   * @throws JsonException when the bytes are not UTF-8 or not one JSON document
   */
  static @Nullable Object value(byte[] bytes) {
    return Json.parse(text(bytes));
  }

  /**
   * @throws JsonException when the bytes are not UTF-8 or not one JSON object
   */
  static Map<?, ?> object(byte[] bytes) {
    Object value = value(bytes);
    if (value instanceof Map<?, ?> members) {
      return members;
    }
    throw new JsonException("Expected a JSON object, but got " + Json.typeName(value));
  }

  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new JsonException("invalid JSON: not UTF-8");
    }
  }
}
