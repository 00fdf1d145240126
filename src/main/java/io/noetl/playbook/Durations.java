package io.noetl.playbook;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as playbooks write them: {@code 30}, {@code "30"}, {@code 30s}, {@code 500ms}. */
public final class Durations {
  private static final Pattern TEXT =
      Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)\\s*(ms|s|m|h|d|)");
  private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(10L * 365 * 86_400);

  private Durations() {}

  /**
   * @param value a number of seconds, or text: a number with one of the units {@code ms s m h d} or
   *     with none (seconds)
   * @return null when it is neither, negative, or longer than ten years
   */
  public static @Nullable Duration parse(@Nullable Object value) {
    BigDecimal seconds =
        switch (value) {
          case Double d -> Double.isFinite(d) ? BigDecimal.valueOf(d) : null;
          case Number n -> decimal(n.toString());
          case String s -> text(s.strip());
          case null, default -> null;
        };
    if (seconds == null || seconds.signum() < 0 || seconds.compareTo(MAX_SECONDS) > 0) {
      return null;
    }
    return Duration.ofNanos(
        seconds.movePointRight(9).setScale(0, RoundingMode.HALF_UP).longValueExact());
  }

  /** The duration as a JSON number of seconds: whole if it can be. */
  public static Number seconds(Duration duration) {
    return duration.getNano() == 0
        ? (Number) duration.getSeconds()
        : (Number) (duration.getSeconds() + duration.getNano() / 1e9);
  }

  private static @Nullable BigDecimal text(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    BigDecimal amount = new BigDecimal(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> amount.movePointLeft(3);
      case "m" -> amount.multiply(BigDecimal.valueOf(60));
      case "h" -> amount.multiply(BigDecimal.valueOf(3_600));
      case "d" -> amount.multiply(BigDecimal.valueOf(86_400));
      default -> amount;
    };
  }

  private static @Nullable BigDecimal decimal(String number) {
    return number.length() > 20 ? null : new BigDecimal(number);
  }
}
