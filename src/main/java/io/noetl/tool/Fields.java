package io.noetl.tool;

import io.noetl.json.Json;
import io.noetl.playbook.Durations;
import io.noetl.playbook.ToolKind;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rendered fields of one call. A field may have several names; the first that is present
 * and not null counts. Everything that cannot be read is an {@link InvalidConfig}.
 */
public final class Fields {
  private final ToolKind kind;
  private final Map<String, @Nullable Object> fields;

  public Fields(ToolKind kind, Map<String, @Nullable Object> fields) {
    this.kind = kind;
    this.fields = fields;
  }

  /** The value under the first of the names that is present and not null, else null. */
  public @Nullable Object first(String... names) {
    for (String name : names) {
      Object value = fields.get(name);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /** The field as text (maps and lists as compact JSON), or null. */
  public @Nullable String text(String... names) {
    Object value = first(names);
    return value == null ? null : asText(value);
  }

  /**
   * @throws InvalidConfig when the field is missing or blank; it names the first name
   */
  public String requiredText(String... names) {
    String text = text(names);
    if (text == null || text.isBlank()) {
      throw InvalidConfig.missing(kind, names[0]);
    }
    return text;
  }

  /** A boolean field; the words true, false, yes, no, on, off, 1, 0 count as such. */
  public boolean flag(boolean otherwise, String... names) {
    Object value = first(names);
    return switch (value) {
      case null -> otherwise;
      case Boolean flag -> flag;
      case Number number -> number.doubleValue() != 0;
      case String text ->
          switch (text.trim().toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "1" -> true;
            case "false", "no", "off", "0" -> false;
            case "" -> otherwise;
            default -> throw unusable(names[0], "a boolean", value);
          };
      default -> throw unusable(names[0], "a boolean", value);
    };
  }

  /** An amount of time as {@link Durations} reads it, or null. Zero means none. */
  public @Nullable Duration duration(String... names) {
    Object value = first(names);
    if (value == null || "".equals(value)) {
      return null;
    }
    Duration duration = Durations.parse(value);
    if (duration == null) {
      throw unusable(names[0], "seconds or text such as 10s", value);
    }
    return duration.isZero() ? null : duration;
  }

  /** A map field, empty when missing. */
  @SuppressWarnings("unchecked") // JSON objects have string keys
  public Map<String, @Nullable Object> map(String... names) {
    Object value = first(names);
    if (value == null || "".equals(value)) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw unusable(names[0], "a map", value);
  }

  /** A map field whose values are text; null values are dropped. */
  public Map<String, String> texts(String... names) {
    Map<String, String> texts = new LinkedHashMap<>();
    map(names)
        .forEach(
            (name, value) -> {
              if (value != null) {
                texts.put(name, asText(value));
              }
            });
    return texts;
  }

  private InvalidConfig unusable(String field, String expected, Object value) {
    return new InvalidConfig(
        "Invalid "
            + kind.word()
            + " config: expected field '"
            + field
            + "' to be "
            + expected
            + ", but it is "
            + (value instanceof String || value instanceof Number
                ? "'" + value + "'"
                : Json.typeName(value)));
  }

  /** A time in words for a message, for example {@code 30 s} or {@code 0.25 s}. */
  public static String words(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
  }

  /** A value as text, as templates print it, but maps and lists as compact JSON. */
  public static String asText(Object value) {
    return switch (value) {
      case String text -> text;
      case Boolean flag -> flag ? "True" : "False";
      case Double number -> decimalText(number);
      case Map<?, ?> map -> Json.text(map);
      case List<?> list -> Json.text(list);
      default -> value.toString();
    };
  }

  private static String decimalText(double value) {
    // Java and the language agree on the shortest digits and differ in when an exponent is used.
    double size = Math.abs(value);
    if (value == 0 || (size >= 1e-4 && size < 1e16)) {
      String plain = new BigDecimal(Double.toString(value)).toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    return Double.toString(value)
        .replaceFirst("\\.0E", "E")
        .replaceFirst("E(?=[0-9])", "e+")
        .replaceFirst("E-([0-9])$", "e-0$1")
        .replace('E', 'e');
  }
}
