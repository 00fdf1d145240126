package io.noetl.journal;

import io.noetl.execution.ExecutionEvent.WaitOpened;
import io.noetl.execution.ExecutionState;

/**
 * Told by lanes which waits they have just opened and which were answered. Only a shortcut: whoever
 * misses a call finds the rows. Called on a lane's thread: must return at once.
 */
public interface WaitListener {
  WaitListener NONE =
      new WaitListener() {
        @Override
        public void opened(String tenantId, long executionId, long waitId, WaitOpened event) {}

        @Override
        public void answered(String tenantId, long waitId, ExecutionState child) {}
      };

  /**
   * A step of the execution waits as the event says: what it waits for may have to be begun, and
   * the wait may end by the clock.
   */
  void opened(String tenantId, long executionId, long waitId, WaitOpened event);

  /** An execution that a wait asked for has ended, as its state says. */
  void answered(String tenantId, long waitId, ExecutionState child);
}
