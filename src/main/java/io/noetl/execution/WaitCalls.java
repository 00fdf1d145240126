package io.noetl.execution;

import io.noetl.playbook.Durations;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the rendered fields of a {@code wait} tool. Stateless. */
final class WaitCalls {
  private static final String SIGNAL = "signal";
  private static final String SECONDS = "seconds";
  private static final String UNTIL = "until";

  private WaitCalls() {}

  /** What a tool asks for, or why it cannot be understood. */
  sealed interface Asked {}

  /**
   * @param timeout after which the wait ends; null = never, or at the moment that is awaited
   */
  record Wait(Awaited awaited, @Nullable Duration timeout) implements Asked {}

  /** A hard error. */
  record Unclear(Outcome outcome) implements Asked {}

  static Asked read(Map<String, @Nullable Object> fields) {
    List<String> given = new ArrayList<>();
    for (String name : List.of(SIGNAL, SECONDS, UNTIL)) {
      if (fields.get(name) != null) {
        given.add(name);
      }
    }
    if (given.size() != 1) {
      return unclear(
          "Expected one of signal, seconds and until, but got "
              + (given.isEmpty() ? "none" : String.join(" and ", given)));
    }
    return switch (given.getFirst()) {
      case SIGNAL -> signal(fields);
      case SECONDS -> {
        Duration duration = Durations.parse(fields.get(SECONDS));
        yield duration == null
            ? unclear(
                "Expected seconds to be a number, or text such as 30s, 5m, 2d, of at most ten"
                    + " years, but got "
                    + fields.get(SECONDS))
            : new Wait(new Awaited.Timer(null), duration);
      }
      default -> until(String.valueOf(fields.get(UNTIL)).strip());
    };
  }

  private static Asked signal(Map<String, @Nullable Object> fields) {
    String name = String.valueOf(fields.get(SIGNAL)).strip();
    if (name.isEmpty() || name.length() > Awaited.Signal.MAX_NAME) {
      return unclear(
          "Expected signal to be a name of 1 to "
              + Awaited.Signal.MAX_NAME
              + " characters, but it has "
              + name.length());
    }
    Object limit = fields.get("timeout_seconds");
    Duration timeout = limit == null ? null : Durations.parse(limit);
    return limit != null && timeout == null
        ? unclear(
            "Expected timeout to be a number of seconds or text such as 30s, 5m, but got " + limit)
        : new Wait(new Awaited.Signal(name), timeout);
  }

  private static Asked until(String text) {
    try {
      Instant until = OffsetDateTime.parse(text).toInstant();
      // As far as a row can say it, and as a timer with seconds may be.
      if (until.isAfter(Instant.parse("9999-12-31T23:59:59Z")) || until.isBefore(Instant.EPOCH)) {
        return unclear("Expected until to be in the years 1970 to 9999, but got " + text);
      }
      return new Wait(
          new Awaited.Timer(until.truncatedTo(java.time.temporal.ChronoUnit.MICROS)), null);
    } catch (DateTimeParseException _) {
      return unclear(
          "Expected until to be a time such as 2026-03-29T03:00:00Z or 2026-03-29T03:00:00+02:00,"
              + " but got "
              + text);
    }
  }

  private static Unclear unclear(String sentence) {
    return new Unclear(Outcome.hard(Errors.configuration("Invalid wait config: " + sentence)));
  }
}
