package io.noetl.playbook.template;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import org.jspecify.annotations.Nullable;

/** Turns texts that look like other JSON values into those, as the language asks for. */
final class Retyping {
  /** Longer runs of digits are ids, and stay text. */
  private static final int MAX_DIGITS = 18;

  private Retyping() {}

  /** The value that a text stands for, or the text itself. */
  static @Nullable Object of(String text) {
    String trimmed = text.strip();
    if (trimmed.isEmpty()) {
      return text;
    }
    return switch (trimmed) {
      case "true", "True" -> true;
      case "false", "False" -> false;
      case "null", "None" -> null;
      default -> {
        char first = trimmed.charAt(0);
        if (first == '{' || first == '[') {
          yield structure(text);
        }
        yield first == '-' || isDigit(first) ? number(text, trimmed) : text;
      }
    };
  }

  /** The object or array that a text is, or the text itself. */
  static Object structure(String text) {
    String trimmed = text.strip();
    boolean object = trimmed.startsWith("{") && trimmed.endsWith("}");
    if (!object && !(trimmed.startsWith("[") && trimmed.endsWith("]"))) {
      return text;
    }
    try {
      Object parsed = Json.parse(trimmed);
      return parsed == null ? text : parsed;
    } catch (JsonException e) {
      return text; // most texts in brackets are not JSON, and stay texts
    }
  }

  private static Object number(String text, String trimmed) {
    int start = trimmed.charAt(0) == '-' ? 1 : 0;
    int at = digits(trimmed, start);
    int digits = at - start;
    if (digits == 0 || digits > 1 && trimmed.charAt(start) == '0') {
      return text;
    }
    if (at == trimmed.length()) {
      return digits <= MAX_DIGITS ? (Object) Long.valueOf(trimmed) : text;
    }
    if (trimmed.charAt(at) != '.') {
      return text;
    }
    int fraction = digits(trimmed, at + 1);
    if (fraction == at + 1) {
      return text;
    }
    if (fraction < trimmed.length()) {
      char c = trimmed.charAt(fraction);
      int exponent = fraction + 1;
      if (c != 'e' && c != 'E' || exponent == trimmed.length()) {
        return text;
      }
      exponent += trimmed.charAt(exponent) == '+' || trimmed.charAt(exponent) == '-' ? 1 : 0;
      if (digits(trimmed, exponent) != trimmed.length() || exponent == trimmed.length()) {
        return text;
      }
    }
    double value = Double.parseDouble(trimmed);
    return Double.isFinite(value) ? (Object) value : text;
  }

  private static int digits(String text, int start) {
    int at = start;
    while (at < text.length() && isDigit(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
