package io.noetl.tool;

import io.noetl.playbook.value.Outcome;

/**
 * Runs calls of one kind. Safe for use by many threads at once; each call runs on the caller's
 * (virtual) thread and may block it.
 */
public interface ToolExecutor extends AutoCloseable {
  /**
   * Runs the call to its end.
   *
   * @return what it came to; faults that an author can cause are outcomes, never exceptions
   * @throws PutAside when the call goes on outside, and only where {@link ToolCall#aside} allows it
   * @throws InterruptedException when the thread was interrupted (the command was cancelled or the
   *     worker stops); whatever the call had started is stopped before
   */
  Outcome run(ToolCall call) throws InterruptedException;

  /**
   * Releases what the executor holds (warm processes, connections). Running calls are interrupted.
   */
  @Override
  void close();
}
