package io.noetl.tool;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads amounts of time as playbooks write them: seconds as a number, or text with a unit. */
public final class Durations {
  private static final Pattern TEXT =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*(ms|s|sec|secs|m|min|mins|h|hours?|d|days?)?");
  private static final BigDecimal LONGEST_SECONDS = BigDecimal.valueOf(10L * 366 * 86_400);

  private Durations() {}

  /**
   * @param value a number of seconds, or text such as {@code 10}, {@code 0.5s}, {@code 500ms},
   *     {@code 2m}, {@code 1h}
   * @return the time, at most ten years; empty when the value is no such amount or negative
   */
  public static Optional<Duration> read(@Nullable Object value) {
    return switch (value) {
      case Number number -> seconds(number.toString(), BigDecimal.ONE);
      case String text -> {
        Matcher matcher = TEXT.matcher(text.trim().toLowerCase(Locale.ROOT));
        yield matcher.matches()
            ? seconds(matcher.group(1), unit(matcher.group(2)))
            : Optional.empty();
      }
      case null, default -> Optional.empty();
    };
  }

  /** The time in words for a message, for example {@code 30 s} or {@code 0.25 s}. */
  public static String words(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
  }

  private static Optional<Duration> seconds(String amount, BigDecimal unit) {
    BigDecimal seconds;
    try {
      seconds = new BigDecimal(amount).multiply(unit);
    } catch (NumberFormatException e) {
      return Optional.empty(); // NaN or infinite
    }
    if (seconds.signum() < 0) {
      return Optional.empty();
    }
    return Optional.of(
        Duration.ofNanos(seconds.min(LONGEST_SECONDS).movePointRight(9).longValue()));
  }

  private static BigDecimal unit(@Nullable String word) {
    if (word == null) {
      return BigDecimal.ONE;
    }
    return switch (word.charAt(0)) {
      case 'm' -> word.equals("ms") ? new BigDecimal("0.001") : BigDecimal.valueOf(60);
      case 'h' -> BigDecimal.valueOf(3600);
      case 'd' -> BigDecimal.valueOf(86_400);
      default -> BigDecimal.ONE;
    };
  }
}
