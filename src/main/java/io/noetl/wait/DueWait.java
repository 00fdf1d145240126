package io.noetl.wait;

import org.jspecify.annotations.Nullable;

/**
 * A row of a wait that somebody must act upon.
 *
 * @param executionId who waits
 * @param childId null for a cascade
 * @param request what to start, or why to cancel, as JSON
 * @param expired whether the time of the wait is over, by the database's clock
 */
record DueWait(
    long waitId,
    long executionId,
    String tenantId,
    State state,
    @Nullable Long childId,
    String request,
    boolean expired) {

  /** What has to be done. */
  enum State {
    /** Start the child. */
    START,
    /** Nothing until the time is over. */
    WAIT,
    /** Tell the parent. */
    DELIVER,
    /** Cancel the children of an execution that was ended. */
    CASCADE
  }
}
