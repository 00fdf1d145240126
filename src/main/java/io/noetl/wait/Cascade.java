package io.noetl.wait;

import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.Rejection;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import io.noetl.query.Executions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cancels what an ended execution has started. The transaction that ended it has left a row, which
 * goes when no child is left; so a server that dies halfway leaves the rest to others. Safe for use
 * by many threads, also on the same tree.
 */
public final class Cascade {
  private final Executions executions;
  private final IntentHandler intents;
  private final WaitQueue queue;

  public Cascade(Executions executions, IntentHandler intents, WaitQueue queue) {
    this.executions = executions;
    this.intents = intents;
    this.queue = queue;
  }

  /** Another server kept changing a child, or too much is waiting; the sweep goes on later. */
  public static final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BusyException(String message) {
      super(message);
    }
  }

  /**
   * Cancels all that the execution has started, and what those have started. The execution has
   * ended, so no new child can appear while its children are visited.
   *
   * @return the executions that were cancelled here
   * @throws BusyException when it could not be done to the end now
   */
  public List<Long> cancelChildren(String tenantId, long root, String reason) {
    List<Long> cancelled = new ArrayList<>();
    Deque<Long> parents = new ArrayDeque<>(List.of(root));
    while (!parents.isEmpty()) {
      long parent = parents.remove();
      for (long child : executions.liveChildren(tenantId, parent)) {
        if (cancel(tenantId, child, reason)) {
          cancelled.add(child);
        }
        parents.add(child);
      }
      queue.cascaded(parent);
    }
    return cancelled;
  }

  /**
   * @return false when it had ended before
   */
  private boolean cancel(String tenantId, long executionId, String reason) {
    return switch (intents.handle(tenantId, executionId, new ExecutionIntent.Cancel(reason))) {
      case IntentReply.Accepted _ -> true;
      case IntentReply.Rejected rejected -> {
        if (rejected.reason() == Rejection.ALREADY_TERMINAL) {
          yield false;
        }
        throw new IllegalStateException("Expected a child to be there, but " + rejected.sentence());
      }
      case IntentReply.Busy busy -> throw new BusyException(busy.sentence());
      case IntentReply.Duplicate duplicate ->
          throw new IllegalStateException(
              "Expected a cancellation not to be a repeated start (execution="
                  + duplicate.executionId()
                  + ")");
    };
  }
}
