package io.noetl.tool.sequence;

import io.noetl.playbook.Durations;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Outcome;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How long to wait before a task runs again, and how often it may run. */
final class Delays {
  static final Duration DEFAULT = Duration.ofSeconds(1);

  /** A server may ask for no longer wait than this. */
  static final Duration MOST_ASKED_FOR = Duration.ofSeconds(60);

  /** No wait is longer, whatever a growing delay comes to. */
  static final Duration LONGEST = Duration.ofDays(1);

  private final Templates templates;
  private final InstantSource clock;

  Delays(Templates templates, InstantSource clock) {
    this.templates = templates;
    this.clock = clock;
  }

  /**
   * A number of runs as written.
   *
   * @throws TemplateException when it is no number
   */
  int attempts(@Nullable Object written, int otherwise, Scope scope) {
    Object value = templates.render(written, scope);
    if (value == null) {
      return otherwise;
    }
    try {
      BigDecimal number = new BigDecimal(value.toString().strip());
      return Math.max(1, number.min(BigDecimal.valueOf(Integer.MAX_VALUE)).intValue());
    } catch (NumberFormatException e) {
      throw new TemplateException("attempts: expected a number, but got '" + value + "'");
    }
  }

  /**
   * An amount of time as written.
   *
   * @throws TemplateException when it is no amount of time
   */
  @Nullable Duration amount(String name, @Nullable Object written, Scope scope) {
    Object value = templates.render(written, scope);
    if (value == null || "".equals(value)) {
      return null;
    }
    Duration amount = Durations.parse(value);
    if (amount == null) {
      throw new TemplateException(
          name + ": expected seconds or text such as 500ms, but got '" + value + "'");
    }
    return amount;
  }

  /**
   * The delay of a policy rule.
   *
   * @param runs how many runs were made, at least 1
   */
  static Duration ofBackoff(
      @Nullable String backoff, @Nullable Duration delay, @Nullable Duration most, int runs) {
    Duration base = delay == null ? DEFAULT : delay;
    String word = backoff == null ? (delay == null ? "none" : "fixed") : backoff;
    Duration result =
        switch (word.toLowerCase(Locale.ROOT)) {
          case "none" -> Duration.ZERO;
          case "linear" -> grown(base, runs);
          case "exponential" -> grown(base, Math.pow(2, runs - 1));
          default -> base;
        };
    return most != null && result.compareTo(most) > 0 ? most : result;
  }

  /** {@code base} times {@code factor}, at most {@link #LONGEST}. */
  static Duration grown(Duration base, double factor) {
    double millis = base.toMillis() * factor;
    return millis >= LONGEST.toMillis() ? LONGEST : Duration.ofMillis(Math.round(millis));
  }

  /** The delay, or what an overloaded server asked for when that is longer. */
  Duration asked(Duration delay, Outcome outcome) {
    Map<String, @Nullable Object> http = outcome.http();
    if (http == null
        || !(http.get("status") instanceof Number status)
        || !(status.intValue() == 429 || status.intValue() == 503)
        || !(http.get("headers") instanceof Map<?, ?> headers)
        || !(headers.get("retry-after") instanceof String text)) {
      return delay;
    }
    Duration wait = retryAfter(text.strip());
    if (wait.compareTo(MOST_ASKED_FOR) > 0) {
      wait = MOST_ASKED_FOR;
    }
    return wait.compareTo(delay) > 0 ? wait : delay;
  }

  private Duration retryAfter(String text) {
    Duration seconds = Durations.parse(text);
    if (seconds != null) {
      return seconds;
    }
    try {
      Instant at = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Duration.between(clock.instant(), at);
    } catch (DateTimeException e) {
      return Duration.ZERO; // a header that means nothing asks for nothing
    }
  }
}
