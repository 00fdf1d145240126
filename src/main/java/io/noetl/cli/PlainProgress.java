package io.noetl.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One line when a step begins and one when it ends: for files, pipes and dumb terminals. */
final class PlainProgress implements ProgressView {
  private final PrintWriter out;
  private final StepBoard board = new StepBoard();

  PlainProgress(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void started(String path, long version, String executionId) {
    out.println(path + " version " + version + ", execution " + executionId);
    out.flush();
  }

  @Override
  public void event(Map<String, @Nullable Object> event) {
    for (StepBoard.Update update : board.apply(event)) {
      StepBoard.Line line = update.line();
      if (line != null) {
        show(update.change(), line);
      }
    }
    out.flush();
  }

  private void show(StepBoard.Change change, StepBoard.Line line) {
    switch (change) {
      case BEGAN -> out.println("  " + line.step() + "  running…");
      case ENDED -> out.println(Marks.line(line, Instant.EPOCH, Marks.mark(line.state())));
      case NOTED, NOTHING -> {
        // Counts of a loop would be a line each.
      }
    }
  }

  @Override
  public void trouble(String message) {
    out.println("  … " + message);
    out.flush();
  }

  @Override
  public void ended(String status) {
    out.println(status + " in " + Spans.text(board.span()));
    out.flush();
  }

  @Override
  public StepBoard board() {
    return board;
  }

  @Override
  public void close() {
    out.flush();
  }
}
