package io.noetl.journal;

import io.noetl.json.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Typed access to members of stored documents; a wrong type is damage and says where. */
final class Members {
  private Members() {}

  @SuppressWarnings("unchecked") // JSON objects have string keys
  static Map<String, @Nullable Object> map(Map<String, @Nullable Object> from, String name) {
    if (from.get(name) instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw wrong(from, name, "an object");
  }

  @SuppressWarnings("unchecked") // element types are checked by the callers that need them
  static List<@Nullable Object> list(Map<String, @Nullable Object> from, String name) {
    if (from.get(name) instanceof List<?> list) {
      return (List<@Nullable Object>) list;
    }
    throw wrong(from, name, "an array");
  }

  static String text(Map<String, @Nullable Object> from, String name) {
    if (from.get(name) instanceof String text) {
      return text;
    }
    throw wrong(from, name, "a string");
  }

  static @Nullable String textOrNull(Map<String, @Nullable Object> from, String name) {
    return from.get(name) == null ? null : text(from, name);
  }

  static long id(Map<String, @Nullable Object> from, String name) {
    return io.noetl.envelope.Ids.parse(from.get(name), name);
  }

  static @Nullable Long idOrNull(Map<String, @Nullable Object> from, String name) {
    return from.get(name) == null ? null : (Long) id(from, name);
  }

  static int number(Map<String, @Nullable Object> from, String name) {
    if (from.get(name) instanceof Number number) {
      return Math.toIntExact(number.longValue());
    }
    throw wrong(from, name, "a number");
  }

  static @Nullable Integer numberOrNull(Map<String, @Nullable Object> from, String name) {
    return from.get(name) == null ? null : (Integer) number(from, name);
  }

  private static IllegalArgumentException wrong(
      Map<String, @Nullable Object> from, String name, String expected) {
    return new IllegalArgumentException(
        "Expected member '"
            + name
            + "' to be "
            + expected
            + ", but got "
            + Json.typeName(from.get(name)));
  }
}
