package io.noetl.cli;

import java.time.Duration;
import java.util.Locale;

/** Lengths of time as people read them: {@code 12 ms, 3.4 s, 2 m 5 s, 1 h 2 m}. */
final class Spans {
  private Spans() {}

  static String text(Duration span) {
    long millis = Math.max(0, span.toMillis());
    if (millis < 1000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
    long seconds = millis / 1000;
    return seconds < 3600
        ? seconds / 60 + " m " + seconds % 60 + " s"
        : seconds / 3600 + " h " + seconds % 3600 / 60 + " m";
  }
}
