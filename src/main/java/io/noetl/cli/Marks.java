package io.noetl.cli;

import java.time.Instant;

/** How a line of progress looks. */
final class Marks {
  private Marks() {}

  static String mark(StepBoard.State state) {
    return switch (state) {
      case RUNNING -> "…";
      case COMPLETED -> "✓";
      case FAILED -> "✗";
      case SKIPPED -> "-";
      case STOPPED -> "■";
    };
  }

  /**
   * @param now for the time of a step that still runs
   * @param mark in front, perhaps coloured
   */
  static String line(StepBoard.Line line, Instant now, String mark) {
    String end =
        switch (line.state()) {
          case SKIPPED -> "skipped";
          case STOPPED -> "stopped after " + Spans.text(line.span(now));
          case RUNNING, COMPLETED, FAILED -> Spans.text(line.span(now));
        };
    String note = line.note();
    return mark + " " + line.step() + "  " + end + (note.isEmpty() ? "" : "  " + note);
  }
}
