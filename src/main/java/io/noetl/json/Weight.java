package io.noetl.json;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * About how many bytes a value takes as JSON, without writing it: exact but for characters that are
 * escaped or take several bytes, of which each counts as one. The same value weighs the same
 * everywhere.
 */
public final class Weight {
  /** Most bytes that one character takes, as an escape. */
  private static final int ESCAPED = 6;

  private Weight() {}

  /** The weight of a plain value. */
  public static long of(@Nullable Object value) {
    return switch (value) {
      case null -> 4;
      case String text -> text.length() + 2L;
      case Boolean flag -> flag ? 4 : 5;
      case Long number -> digits(number);
      case Map<?, ?> map -> {
        long sum = 2;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          sum += String.valueOf(entry.getKey()).length() + 4L + of(entry.getValue());
        }
        yield sum;
      }
      case List<?> list -> {
        long sum = 2;
        for (Object item : list) {
          sum += 1 + of(item);
        }
        yield sum;
      }
      default -> value.toString().length();
    };
  }

  private static long digits(long number) {
    long size = number < 0 ? 2 : 1;
    for (long rest = number / 10; rest != 0; rest /= 10) {
      size++;
    }
    return size;
  }

  /** False when the JSON of a value surely has at most that many bytes. */
  public static boolean mayBeOver(@Nullable Object value, long bytes) {
    return of(value) * ESCAPED > bytes;
  }

  /** Whether the JSON of a value is over a number of bytes; only what is in doubt is written. */
  public static boolean over(@Nullable Object value, long bytes) {
    long weight = of(value);
    return weight > bytes || weight * ESCAPED > bytes && Json.bytes(value).length > bytes;
  }
}
