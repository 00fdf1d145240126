package io.noetl.journal;

import io.noetl.execution.Awaited;
import io.noetl.execution.ExecutionState;

/**
 * Told by lanes which waits they have just opened and which were answered. Only a shortcut: whoever
 * misses a call finds the rows. Called on a lane's thread: must return at once.
 */
public interface WaitListener {
  WaitListener NONE =
      new WaitListener() {
        @Override
        public void opened(String tenantId, long executionId, long waitId, Awaited awaited) {}

        @Override
        public void answered(String tenantId, long waitId, ExecutionState child) {}
      };

  /** A step of the execution waits, and what it waits for has to be begun. */
  void opened(String tenantId, long executionId, long waitId, Awaited awaited);

  /** An execution that a wait asked for has ended, as its state says. */
  void answered(String tenantId, long waitId, ExecutionState child);
}
