package io.noetl.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Redraws the steps in place on a terminal, several times a second, so that a running step shows
 * how long it has been running. Lines of steps that ended scroll up; the lines below them are
 * redrawn.
 */
final class LiveProgress implements ProgressView {
  private static final Duration REDRAW = Duration.ofMillis(100);
  private static final List<String> SPINNER =
      List.of("⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏");
  private static final int MOST_OPEN_LINES = 15;

  private static final String RESET = "\u001b[0m";
  private static final String GREEN = "\u001b[32m";
  private static final String RED = "\u001b[31m";
  private static final String DIM = "\u001b[2m";
  private static final String CLEAR_BELOW = "\u001b[J";

  private final PrintWriter out;
  private final InstantSource clock;
  private final int width;
  private final boolean colours;
  private final StepBoard board = new StepBoard();
  private final List<StepBoard.Line> open = new ArrayList<>();
  private final @Nullable Thread ticker;
  private @Nullable Duration clockAhead;
  private int drawn;
  private int frame;
  private boolean closed;

  /**
   * @param width of the terminal in columns; longer lines are cut
   * @param ticking whether a thread redraws between events
   */
  LiveProgress(PrintWriter out, InstantSource clock, int width, boolean colours, boolean ticking) {
    this.out = out;
    this.clock = clock;
    this.width = width;
    this.colours = colours;
    this.ticker = ticking ? Thread.ofVirtual().name("progress").unstarted(this::tick) : null;
  }

  @Override
  public synchronized void started(String path, long version, String executionId) {
    println(path + " version " + version + ", execution " + executionId);
    if (ticker != null) {
      ticker.start();
    }
  }

  @Override
  public synchronized void event(Map<String, @Nullable Object> event) {
    List<StepBoard.Line> ended = new ArrayList<>();
    for (StepBoard.Update update : board.apply(event)) {
      StepBoard.Line line = update.line();
      if (line != null) {
        switch (update.change()) {
          case BEGAN -> open.add(line);
          case ENDED -> {
            open.remove(line);
            ended.add(line);
          }
          case NOTED, NOTHING -> {
            // The next drawing shows it.
          }
        }
      }
    }
    if (event.get("created_at") instanceof String at && clockAhead == null) {
      // Server and terminal may disagree about the time; spans are the server's.
      clockAhead = Duration.between(Instant.parse(at), clock.instant());
    }
    draw(ended);
  }

  @Override
  public synchronized void trouble(String message) {
    erase();
    println(colour(DIM, "… " + message));
    draw(List.of());
  }

  @Override
  public synchronized void ended(String status) {
    draw(List.of());
    String span = " in " + Spans.text(board.span());
    println(colour(status.equals("COMPLETED") ? GREEN : RED, status) + span);
    out.flush();
  }

  @Override
  public StepBoard board() {
    return board;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    if (ticker != null) {
      ticker.interrupt();
    }
    out.flush();
  }

  private void tick() {
    try {
      while (true) {
        Thread.sleep(REDRAW);
        synchronized (this) {
          if (closed) {
            return;
          }
          frame++;
          draw(List.of());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Settles the lines that ended, and draws those that run below them. */
  private void draw(List<StepBoard.Line> ended) {
    erase();
    Instant now = clock.instant().minus(clockAhead == null ? Duration.ZERO : clockAhead);
    for (StepBoard.Line line : ended) {
      println(Marks.line(line, now, coloured(line.state())));
    }
    for (StepBoard.Line line : open.subList(0, Math.min(open.size(), MOST_OPEN_LINES))) {
      println(Marks.line(line, now, SPINNER.get(frame % SPINNER.size())));
      drawn++;
    }
    if (open.size() > MOST_OPEN_LINES) {
      println(colour(DIM, "  … and " + (open.size() - MOST_OPEN_LINES) + " more"));
      drawn++;
    }
    out.flush();
  }

  /** Takes back the lines of steps that run. */
  private void erase() {
    if (drawn > 0) {
      out.print("\u001b[" + drawn + "A\r" + CLEAR_BELOW);
      drawn = 0;
    }
  }

  /** A line that wraps could not be taken back. */
  private void println(String text) {
    int visible = text.replaceAll("\u001b\\[[0-9;]*m", "").length();
    String oneLine = text.replace('\n', ' ').replace('\r', ' ');
    out.print(
        visible <= width
            ? oneLine
            : oneLine.substring(0, Math.max(0, width - 1 + oneLine.length() - visible))
                + "…"
                + (colours ? RESET : ""));
    out.print('\n');
  }

  private String coloured(StepBoard.State state) {
    String mark = Marks.mark(state);
    return switch (state) {
      case COMPLETED -> colour(GREEN, mark);
      case FAILED, STOPPED -> colour(RED, mark);
      case SKIPPED, RUNNING -> colour(DIM, mark);
    };
  }

  private String colour(String code, String text) {
    return colours ? code + text + RESET : text;
  }
}
