package io.noetl.journal;

import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.NewCommand;
import io.noetl.execution.StoredEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one batch adds to one execution.
 *
 * @param tenantId owner of the execution
 * @param expectedSeq version of the execution row that the decisions were made upon; 0 for a new
 *     one
 * @param state the state after the events
 * @param events to append
 * @param issued commands to create
 * @param changes what becomes of commands that exist
 * @param opened waits to write
 * @param closed ids of waits whose rows go
 * @param cascade why children have to be cancelled, or null
 * @param pause whether a pause begins or ends, or null
 * @param dedup key that makes a start idempotent, or null
 */
record Commit(
    String tenantId,
    int expectedSeq,
    ExecutionState state,
    List<StoredEvent> events,
    List<Issued> issued,
    List<CommandChange> changes,
    List<Opened> opened,
    List<Long> closed,
    @Nullable Cascade cascade,
    @Nullable Pause pause,
    @Nullable Dedup dedup) {

  /**
   * @param taker the worker to whom the command is handed back, already claimed; null = offered to
   *     the pool by a hint
   * @param fence that its first claim will be one above
   */
  record Issued(NewCommand command, @Nullable String taker, long fence) {}

  /**
   * @param fence that the command must still have; {@link #ANY_FENCE} when a cancel ends it whoever
   *     holds it
   */
  record CommandChange(long commandId, long fence, Action action, @Nullable String reason) {
    static final long ANY_FENCE = -1;
  }

  /** What becomes of a command. */
  enum Action {
    /** It ended: its row leaves the table. */
    SETTLE,
    /** Its lease ran out: it is offered again. */
    OFFER,
    /** Its lease ran out while its execution is paused: it is offered when that goes on. */
    HOLD,
    /** Its attempts are used up: it stays for people to see. */
    BURY
  }

  /** A wait that was opened by the event with its id. */
  record Opened(long waitId, ExecutionEvent.WaitOpened event) {}

  /**
   * @param eventId of the event that ended the execution
   */
  record Cascade(long eventId, String reason) {}

  /** What becomes of commands that nobody holds when a pause begins or ends. */
  enum Pause {
    /** Nobody may claim them. */
    BEGINS,
    /** They are offered again, at once. */
    ENDS
  }

  /**
   * The wait that asked for this execution and hears of what this commit says: that it has begun,
   * or ended; null when there is none.
   */
  @Nullable Long answers() {
    Long waitId = state.begun().parentCommandId();
    return waitId != null && (fresh() || state.status().terminal()) ? waitId : null;
  }

  /**
   * @param digest of the request, so that the same key with another body is refused
   */
  record Dedup(String key, String digest) {}

  boolean fresh() {
    return expectedSeq == 0;
  }
}
