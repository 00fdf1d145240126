package io.noetl.execution;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.playbook.value.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What somebody wants of one execution. */
public sealed interface ExecutionIntent {

  /** Makes an execution; nothing else can come first. */
  sealed interface Begin extends ExecutionIntent {
    /** The playbook version that it runs. */
    long catalogId();
  }

  /**
   * Begin with what was kept of another execution.
   *
   * @param origin where that comes from
   * @param workload the effective one, raw
   * @param payloadKeys its top-level keys whose values are never templates
   */
  record Fork(
      long catalogId,
      String path,
      int version,
      Map<String, @Nullable Object> workload,
      List<String> payloadKeys,
      @Nullable String pool,
      ExecutionSettings settings,
      ExecutionEvent.Origin origin,
      ExecutionEvent.Kept kept)
      implements Begin {}

  /**
   * Begin.
   *
   * @param payload laid over the playbook's workload, key by key at the top level
   * @param pool pool for all commands, or null
   */
  record Start(
      long catalogId,
      String path,
      int version,
      Map<String, @Nullable Object> payload,
      @Nullable Long parentExecutionId,
      @Nullable Long parentCommandId,
      @Nullable String pool,
      ExecutionSettings settings)
      implements Begin {}

  /**
   * A worker reports the end of a command. The fence was, or will be, checked against the command's
   * row by the transaction that writes the decision.
   *
   * @param outcome what the call came to; null when an earlier {@code call.*} report carried it
   * @param writes variables set by policies inside the command
   */
  record AcceptReport(
      long commandId,
      @Nullable Outcome outcome,
      List<CtxWrite> writes,
      int attempt,
      long fence,
      @Nullable String workerId,
      @Nullable Instant claimedAt)
      implements ExecutionIntent {}

  /**
   * Reports and facts in one: all of them in this order, or none.
   *
   * @param parts each an {@link AcceptReport} or a {@link Record}
   */
  record Batch(List<ExecutionIntent> parts) implements ExecutionIntent {
    public Batch {
      parts = List.copyOf(parts);
      for (ExecutionIntent part : parts) {
        if (!(part instanceof AcceptReport) && !(part instanceof Record)) {
          throw new IllegalArgumentException(
              "Expected reports and records in a batch, but got " + part.getClass());
        }
      }
    }

    /** The reports among its parts. */
    public List<AcceptReport> reports() {
      return parts.stream()
          .filter(AcceptReport.class::isInstance)
          .map(AcceptReport.class::cast)
          .toList();
    }
  }

  /** A lease ran out, or attempts are used up. */
  record ExpireLease(
      long commandId, int attempt, int maxAttempts, long fence, @Nullable String workerId)
      implements ExecutionIntent {}

  /**
   * What a step waited for has come.
   *
   * @param waitId id of the event that opened the wait
   */
  record Resume(long waitId, Outcome outcome) implements ExecutionIntent {}

  /** The time of a wait is over. */
  record ExpireWait(long waitId) implements ExecutionIntent {}

  /**
   * Somebody outside says what a step waits for, or will wait for.
   *
   * @param key makes it one however often it is sent, or null
   */
  record Signal(String name, @Nullable Object data, @Nullable String key)
      implements ExecutionIntent {}

  /**
   * End it now.
   *
   * @param cascade whether executions that it started are cancelled, too
   */
  record Cancel(String reason, boolean cascade) implements ExecutionIntent {
    public Cancel(String reason) {
      this(reason, true);
    }
  }

  /** Start nothing new until it is resumed; what runs may finish. Twice is once. */
  record Pause(String reason) implements ExecutionIntent {}

  /** Go on after a pause. Twice is once. */
  record Unpause(String reason) implements ExecutionIntent {}

  /**
   * Set variables from outside, or take them away.
   *
   * @param step named as their source, or null
   * @param types what they are said to be, by name
   */
  record SetVariables(
      @Nullable String step, List<CtxWrite> writes, List<String> removed, Map<String, String> types)
      implements ExecutionIntent {}

  /** Keep facts that a producer outside reported: all of them or none. */
  record Record(List<ExecutionEvent.Recorded> events) implements ExecutionIntent {
    public Record {
      events = List.copyOf(events);
    }

    public Record(ExecutionEvent.Recorded event) {
      this(List.of(event));
    }
  }

  /**
   * Rows of open work were lost and come back.
   *
   * @param seq position of the execution when that was seen; after it nothing is done
   * @param commands by the id of a lost command: the state in which it was issued
   * @param waits ids of lost waits
   */
  record Restore(int seq, Map<Long, ExecutionState> commands, Set<Long> waits)
      implements ExecutionIntent {
    public Restore {
      commands = Map.copyOf(commands);
      waits = Set.copyOf(waits);
      if (commands.isEmpty() && waits.isEmpty()) {
        throw new IllegalArgumentException("Expected something to restore, but there is nothing");
      }
    }
  }

  /**
   * End it by hand, whatever it waits for.
   *
   * @param status one of those that end an execution
   * @param sentence who ended it, and why
   */
  record Finalize(ExecutionStatus status, String sentence) implements ExecutionIntent {
    public Finalize {
      if (!status.terminal()) {
        throw new IllegalArgumentException(
            "Expected a status that ends an execution, but got " + status);
      }
    }
  }
}
