package io.noetl.journal;

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
 * @param dedup key that makes a start idempotent, or null
 */
record Commit(
    String tenantId,
    int expectedSeq,
    ExecutionState state,
    List<StoredEvent> events,
    List<Issued> issued,
    List<CommandChange> changes,
    @Nullable Dedup dedup) {

  /**
   * @param taker the worker to whom the command is handed back, already claimed; null = offered to
   *     the pool by a hint
   */
  record Issued(NewCommand command, @Nullable String taker) {}

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
    /** Its attempts are used up: it stays for people to see. */
    BURY
  }

  /**
   * @param digest of the request, so that the same key with another body is refused
   */
  record Dedup(String key, String digest) {}

  boolean fresh() {
    return expectedSeq == 0;
  }
}
