package io.noetl.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows a person how an execution goes on. Used by one thread. */
interface ProgressView extends AutoCloseable {
  /** The execution has begun. */
  void started(String path, long version, String executionId);

  /** The next event. */
  void event(Map<String, @Nullable Object> event);

  /** Something beside the execution that a person should know, such as a broken connection. */
  void trouble(String message);

  /** The end, with its status. */
  void ended(String status);

  /** What was gathered about the steps. */
  StepBoard board();

  /** Leaves the terminal in order. */
  @Override
  void close();
}
