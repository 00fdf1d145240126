package io.noetl.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One fire time of a schedule and what became of it.
 *
 * @param executionId under which the execution starts, or would have started
 * @param reason why it did not start, or null
 * @param backfill whether somebody asked for it after the fact
 */
public record Fire(
    String tenantId,
    String path,
    Instant fireAt,
    long executionId,
    State state,
    @Nullable String reason,
    boolean backfill) {

  /** What became of it. */
  public enum State {
    /** It is to be started. */
    CLAIMED,
    /** It starts when the execution before it has ended. */
    QUEUED,
    /** Its execution was started. */
    STARTED,
    /** The overlap policy said no. */
    SKIPPED,
    /** It could not be started. */
    REFUSED
  }

  boolean open() {
    return state == State.CLAIMED || state == State.QUEUED;
  }
}
