package io.noetl.tool.sequence;

import java.time.Duration;

/** Waits between runs of a task; given to the runner so that tests need not wait. */
@FunctionalInterface
public interface Sleeper {
  /** Waits with the thread's own sleep. */
  Sleeper THREAD = Thread::sleep;

  /**
   * @throws InterruptedException when the command was cancelled meanwhile
   */
  void sleep(Duration time) throws InterruptedException;
}
