package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Typed access to members of request bodies; absent and null mean the same. */
final class Members {
  private Members() {}

  static @Nullable String text(Map<String, @Nullable Object> from, String name) {
    Object value = from.get(name);
    return switch (value) {
      case null -> null;
      case String text when text.indexOf('\0') >= 0 ->
          // The database has no such character in its texts.
          throw fault(name, "Expected " + name + " without the character U+0000");
      case String text -> text;
      default -> throw wrong(name, "a string", value);
    };
  }

  static String requiredText(Map<String, @Nullable Object> from, String name) {
    String text = text(from, name);
    if (text == null || text.isBlank()) {
      throw missing(name);
    }
    return text;
  }

  static String text(Map<String, @Nullable Object> from, String name, String missing) {
    String text = text(from, name);
    return text == null ? missing : text;
  }

  static @Nullable Long id(Map<String, @Nullable Object> from, String name) {
    Object value = from.get(name);
    return value == null ? null : (Long) Ids.parse(value, name);
  }

  static long requiredId(Map<String, @Nullable Object> from, String name) {
    Object value = from.get(name);
    if (value == null) {
      throw missing(name);
    }
    return Ids.parse(value, name);
  }

  /** A whole number; a text of digits counts as one. */
  static @Nullable Long number(Map<String, @Nullable Object> from, String name) {
    Object value = from.get(name);
    return switch (value) {
      case null -> null;
      case Long number -> number;
      case Integer number -> (Long) number.longValue();
      case String text when text.matches("-?\\d{1,18}") -> Long.valueOf(text);
      default -> throw wrong(name, "a whole number", value);
    };
  }

  static boolean flag(Map<String, @Nullable Object> from, String name, boolean missing) {
    Object value = from.get(name);
    return switch (value) {
      case null -> missing;
      case Boolean flag -> flag;
      default -> throw wrong(name, "true or false", value);
    };
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  static @Nullable Map<String, @Nullable Object> map(
      Map<String, @Nullable Object> from, String name) {
    Object value = from.get(name);
    return switch (value) {
      case null -> null;
      case Map<?, ?> map -> (Map<String, @Nullable Object>) map;
      default -> throw wrong(name, "an object", value);
    };
  }

  /** The member when it is an object, else null: for members that have had several shapes. */
  @SuppressWarnings("unchecked") // JSON objects have string keys
  static @Nullable Map<String, @Nullable Object> mapIfAny(
      Map<String, @Nullable Object> from, String name) {
    return from.get(name) instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : null;
  }

  @SuppressWarnings("unchecked") // the callers check the items
  static @Nullable List<@Nullable Object> list(Map<String, @Nullable Object> from, String name) {
    Object value = from.get(name);
    return switch (value) {
      case null -> null;
      case List<?> list -> (List<@Nullable Object>) list;
      default -> throw wrong(name, "an array", value);
    };
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  static Map<String, @Nullable Object> item(@Nullable Object value, String place) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw wrong(place, "an object", value);
  }

  static Problem.Refusal wrong(String name, String expected, @Nullable Object value) {
    String sentence =
        "Expected " + name + " to be " + expected + ", but got " + Json.typeName(value);
    return fault(name, sentence);
  }

  static Problem.Refusal missing(String name) {
    return fault(name, "Expected " + name + ", but it is missing");
  }

  static Problem.Refusal fault(String name, String sentence) {
    return Problems.invalid(sentence, List.of(Map.of("path", name, "message", sentence))).refusal();
  }
}
