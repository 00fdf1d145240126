package io.noetl.tool.nats;

import io.nats.client.impl.Headers;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as bytes and back. */
final class Payloads {
  private Payloads() {}

  /** How the bytes of an object are written in a playbook. */
  enum Encoding {
    UTF8,
    BASE64,
    JSON;

    /**
     * @param otherwise what no word means
     */
    static Encoding of(@Nullable String word, Encoding otherwise) {
      if (word == null || word.isBlank()) {
        return otherwise;
      }
      return switch (word.strip().toLowerCase(Locale.ROOT)) {
        case "utf8", "utf-8", "text" -> UTF8;
        case "base64" -> BASE64;
        case "json" -> JSON;
        default ->
            throw new InvalidConfig(
                "Invalid nats config: expected field 'encoding' to be utf8, base64 or json, but it"
                    + " is '"
                    + word
                    + "'");
      };
    }
  }

  /** Text as it is, anything else as JSON. */
  static byte[] bytes(@Nullable Object value) {
    return value instanceof String text ? utf8(text) : Json.bytes(value);
  }

  static byte[] bytes(@Nullable Object value, @Nullable String encoding) {
    Encoding otherwise = value instanceof String ? Encoding.UTF8 : Encoding.JSON;
    return switch (Encoding.of(encoding, otherwise)) {
      case JSON -> Json.bytes(value);
      case UTF8 -> value == null ? new byte[0] : utf8(Fields.asText(value));
      case BASE64 -> {
        try {
          yield Base64.getMimeDecoder().decode(value == null ? "" : Fields.asText(value));
        } catch (IllegalArgumentException e) {
          throw new InvalidConfig(
              "Invalid nats config: expected field 'data' to be base64, but: " + e.getMessage());
        }
      }
    };
  }

  /** The bytes of an object as the author wants to see them. */
  static @Nullable Object object(byte[] bytes, @Nullable String encoding) {
    return switch (Encoding.of(encoding, Encoding.UTF8)) {
      case BASE64 -> Base64.getEncoder().encodeToString(bytes);
      case UTF8 -> {
        String text = text(bytes);
        if (text == null) {
          throw new InvalidConfig(
              "Expected the object to be UTF-8 text, but it is not; encoding base64 can hold it");
        }
        yield text;
      }
      case JSON -> {
        try {
          yield Json.parse(bytes);
        } catch (JsonException e) {
          throw new InvalidConfig("Expected the object to be JSON, but: " + e.getMessage());
        }
      }
    };
  }

  /** JSON when it is some, else the text, else base64. */
  static @Nullable Object value(byte @Nullable [] bytes) {
    if (bytes == null || bytes.length == 0) {
      return "";
    }
    try {
      return Json.parse(bytes);
    } catch (JsonException e) {
      String text = text(bytes);
      return text == null ? Base64.getEncoder().encodeToString(bytes) : text;
    }
  }

  /** Null when there are none. */
  static @Nullable Headers headers(Map<String, @Nullable Object> map) {
    Headers headers = new Headers();
    map.forEach(
        (name, value) -> {
          if (value instanceof List<?> values) {
            values.forEach(item -> headers.add(name, item == null ? "" : Fields.asText(item)));
          } else if (value != null) {
            headers.add(name, Fields.asText(value));
          }
        });
    return headers.isEmpty() ? null : headers;
  }

  static Map<String, @Nullable Object> map(@Nullable Headers headers) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    if (headers != null) {
      headers.forEach((name, values) -> map.put(name, String.join(", ", values)));
    }
    return map;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
