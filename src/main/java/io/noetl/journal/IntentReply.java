package io.noetl.journal;

import io.noetl.execution.ExecutionState;
import io.noetl.execution.NewCommand;
import io.noetl.execution.Rejection;
import io.noetl.execution.StoredEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of an intent. An accepted one is committed. */
public sealed interface IntentReply {

  /**
   * @param handedBack commands already claimed, with fence 1 and attempt 1, for the worker that
   *     asked
   */
  record Accepted(
      List<StoredEvent> events, ExecutionState state, int issued, List<NewCommand> handedBack)
      implements IntentReply {}

  record Rejected(Rejection reason, String sentence) implements IntentReply {}

  /**
   * A start that repeats an earlier one.
   *
   * @param executionId the execution that the first one began
   * @param sameRequest false when the key was used for another request
   */
  record Duplicate(long executionId, boolean sameRequest) implements IntentReply {}

  /** Others were ahead each time, or the lane's queue is full; the caller may try again later. */
  record Busy(String sentence, @Nullable Integer retryAfterSeconds) implements IntentReply {}
}
