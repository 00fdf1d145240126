package io.noetl.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows nothing, for {@code -o json}: only gathers. */
final class QuietProgress implements ProgressView {
  private final StepBoard board = new StepBoard();

  @Override
  public void started(String path, long version, String executionId) {
    // Quiet.
  }

  @Override
  public void event(Map<String, @Nullable Object> event) {
    board.apply(event);
  }

  @Override
  public void trouble(String message) {
    // The end says what matters.
  }

  @Override
  public void ended(String status) {
    // Quiet.
  }

  @Override
  public StepBoard board() {
    return board;
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
