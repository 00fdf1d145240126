package io.noetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressViewTest {
  private final StringWriter written = new StringWriter();
  private final PrintWriter out = new PrintWriter(written);

  @Test
  void plainLinesSayWhenAStepBeginsAndWhenItEnds() {
    try (ProgressView view = new PlainProgress(out)) {
      play(view, "CANCELLED");
    }

    assertThat(written.toString().lines())
        .containsExactly(
            "examples/demo version 1, execution 42",
            "✓ route  0 ms",
            "  start  running…",
            "✓ start  12 ms",
            "  left  running…",
            "  right  running…",
            "- never  skipped",
            "✗ right  30.5 s  division by zero",
            "✓ left  1 m 32 s",
            "  each  running…",
            "✓ each  18 ms  2 iterations",
            "  late  running…",
            "■ late  stopped after 1.0 s",
            "CANCELLED in 1 m 33 s");
  }

  @Test
  void liveLinesAreRedrawnInPlaceAndSettleOneForEachStep() {
    try (ProgressView view = live(100, false)) {
      play(view, "CANCELLED");
    }

    assertThat(written.toString()).contains("⠋ start  0 ms").contains("\u001b[1A\r\u001b[J");
    assertThat(Screen.of(written.toString()))
        .containsExactly(
            "examples/demo version 1, execution 42",
            "✓ route  0 ms",
            "✓ start  12 ms",
            "- never  skipped",
            "✗ right  30.5 s  division by zero",
            "✓ left  1 m 32 s",
            "✓ each  18 ms  2 iterations",
            "■ late  stopped after 1.0 s",
            "CANCELLED in 1 m 33 s");
  }

  @Test
  void aRunningLoopShowsHowFarItIs() {
    List<Map<String, Object>> events = RecordedEvents.all();
    try (ProgressView view = live(100, false)) {
      events.subList(0, 13).forEach(view::event);
    }

    assertThat(Screen.of(written.toString())).last().asString().contains("each").endsWith("1 of 2");
  }

  @Test
  void troubleStaysAboveTheRunningSteps() {
    try (ProgressView view = live(100, false)) {
      RecordedEvents.all().subList(0, 3).forEach(view::event);
      view.trouble("connection lost");
    }

    assertThat(Screen.of(written.toString()))
        .containsExactly("✓ route  0 ms", "… connection lost", "⠋ start  0 ms");
  }

  @Test
  void aLineNeverWrapsBecauseItCouldNotBeTakenBack() {
    try (ProgressView view = live(20, true)) {
      play(view, "CANCELLED");
    }

    assertThat(Screen.of(written.toString()))
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(20))
        .contains("✗ right  30.5 s  di…");
  }

  @Test
  void gathersTheStepsForJson() {
    ProgressView view = new QuietProgress();
    play(view, "CANCELLED");

    assertThat(written.toString()).isEmpty();
    assertThat(view.board().json())
        .hasSize(7)
        .contains(
            Map.of(
                "step",
                "right",
                "status",
                "FAILED",
                "started_at",
                "2026-01-01T00:00:00.013Z",
                "duration_ms",
                30_487L,
                "note",
                "division by zero"));
  }

  private static void play(ProgressView view, String status) {
    view.started("examples/demo", 1, "42");
    RecordedEvents.all().forEach(view::event);
    view.ended(status);
  }

  private LiveProgress live(int width, boolean colours) {
    return new LiveProgress(
        out, () -> Instant.parse("2026-06-01T00:00:00Z"), width, colours, false);
  }

  /** What a terminal shows in the end: obeys "up" and "clear below", forgets colours. */
  private static final class Screen {
    private static List<String> of(String written) {
      List<String> lines = new ArrayList<>();
      String rest = written.replaceAll("\u001b\\[[0-9]*m", "");
      while (!rest.isEmpty()) {
        if (rest.startsWith("\u001b[")) {
          int end = rest.indexOf('A');
          int up = Integer.parseInt(rest.substring(2, end));
          lines.subList(lines.size() - up, lines.size()).clear();
          rest = rest.substring(end + "A\r\u001b[J".length());
        } else {
          int end = rest.indexOf('\n');
          lines.add(rest.substring(0, end));
          rest = rest.substring(end + 1);
        }
      }
      return lines;
    }
  }
}
