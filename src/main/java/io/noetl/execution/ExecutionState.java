package io.noetl.execution;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionEvent.Completion;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionEvent.Taken;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * What is known about one execution: the fold of its events. Immutable; a new state shares what did
 * not change with the old one.
 *
 * @param seq position of the last event folded in; 0 before the first
 * @param started the genesis; null before it
 * @param steps what is known of each step that a token has come to
 * @param ctx variables
 * @param commands open commands by id
 * @param pending steps that an arc was taken into and that have not started, in the order of the
 *     first such arc
 * @param stepsDone runs of steps that have finished
 * @param failedSteps steps whose failure nobody handled, in order
 * @param failure sentence of the first such failure
 * @param lastLeaf the step that finished last without a taken arc
 * @param result of the execution, once completed
 * @param error sentence, once failed
 */
public record ExecutionState(
    long executionId,
    ExecutionStatus status,
    int seq,
    @Nullable Started started,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    PMap<String, StepState> steps,
    PMap<String, @Nullable Object> ctx,
    PMap<Long, OpenCommand> commands,
    PVector<Pending> pending,
    int stepsDone,
    PVector<String> failedSteps,
    @Nullable String failure,
    @Nullable String lastLeaf,
    @Nullable Object result,
    @Nullable String error) {

  /**
   * What is known of one step.
   *
   * @param visits how often it was started
   * @param finished how often it finished (a skip counts as neither)
   * @param skips how often admission refused it
   * @param running whether a visit is open
   * @param outcome of the last finished visit; null before
   * @param from the step whose arc led to the last visit
   * @param failed whether the last visit ended in a failure that nobody handled
   */
  public record StepState(
      int visits,
      int finished,
      int skips,
      boolean running,
      @Nullable Outcome outcome,
      @Nullable String from,
      boolean failed) {
    static final StepState NONE = new StepState(0, 0, 0, false, null, null, false);
  }

  /**
   * A command that has not ended.
   *
   * @param attempts leases that ran out so far
   * @param reported outcome that a {@code call.*} report carried ahead of the command's end
   */
  public record OpenCommand(
      long commandId,
      String step,
      int visit,
      @Nullable Integer iteration,
      ToolKind kind,
      String pool,
      int attempts,
      @Nullable Outcome reported) {}

  /**
   * A step that an arc was taken into.
   *
   * @param from the source of the arc taken last; null for the entry
   */
  public record Pending(String step, @Nullable String from) {}

  /** Before the first event. */
  public static ExecutionState none(long executionId) {
    return new ExecutionState(
        executionId,
        ExecutionStatus.RUNNING,
        0,
        null,
        null,
        null,
        HashTreePMap.empty(),
        HashTreePMap.empty(),
        HashTreePMap.empty(),
        TreePVector.empty(),
        0,
        TreePVector.empty(),
        null,
        null,
        null,
        null);
  }

  /** The fold of a whole log. */
  public static ExecutionState replay(long executionId, Iterable<StoredEvent> events) {
    ExecutionState state = none(executionId);
    for (StoredEvent event : events) {
      state = state.evolve(event);
    }
    return state;
  }

  /** The genesis of an execution that has begun. */
  public Started begun() {
    return Objects.requireNonNull(started, "execution has not begun");
  }

  public StepState step(String name) {
    return steps.getOrDefault(name, StepState.NONE);
  }

  /**
   * This state and one more fact.
   *
   * @throws IllegalStateException when the event is not the next one: a gap or repeat in the log
   */
  public ExecutionState evolve(StoredEvent stored) {
    if (stored.seq() != seq + 1) {
      throw new IllegalStateException(
          "Expected event "
              + (seq + 1)
              + " next, but got "
              + stored.seq()
              + " (execution="
              + executionId
              + ")");
    }
    if (status.terminal()) {
      throw new IllegalStateException(
          "Expected nothing after the terminal event, but got "
              + stored.event().getClass().getSimpleName()
              + " (execution="
              + executionId
              + ", seq="
              + stored.seq()
              + ")");
    }
    Draft draft = new Draft(this, stored.seq());
    switch (stored.event()) {
      case Started e -> {
        draft.started = e;
        draft.startedAt = stored.at();
        draft.pending = draft.pending.plus(new Pending(e.entryStep(), null));
      }
      case ExecutionEvent.CtxUpdated e -> draft.write(e.writes());
      case ExecutionEvent.CommandIssued e -> {
        draft.enter(e.step(), e.visit(), e.from());
        draft.commands =
            draft.commands.plus(
                stored.eventId(),
                new OpenCommand(
                    stored.eventId(),
                    e.step(),
                    e.visit(),
                    e.iteration(),
                    e.kind(),
                    e.pool(),
                    0,
                    null));
      }
      case ExecutionEvent.CommandExpired e -> draft.expire(e.commandId(), e.attempt());
      case ExecutionEvent.CallFinished e -> {
        draft.commands = draft.commands.minus(e.commandId());
        draft.finish(e.step(), e.completion());
      }
      case ExecutionEvent.StepExited e -> {
        draft.enter(e.step(), e.visit(), e.from());
        draft.finish(e.step(), e.completion());
      }
      case ExecutionEvent.StepSkipped e -> draft.skip(e);
      case ExecutionEvent.Completed e -> {
        draft.end(ExecutionStatus.COMPLETED, stored.at());
        draft.result = e.result();
      }
      case ExecutionEvent.Failed e -> {
        draft.end(ExecutionStatus.FAILED, stored.at());
        draft.error = e.error();
      }
      case ExecutionEvent.Cancelled e -> {
        draft.end(ExecutionStatus.CANCELLED, stored.at());
        draft.error = e.reason();
      }
      case ExecutionEvent.Recorded e -> draft.remember(e);
    }
    return draft.state();
  }

  /** One fold step in progress; exists only inside {@link #evolve}. */
  private static final class Draft {
    private final long executionId;
    private final int seq;
    private ExecutionStatus status;
    private @Nullable Started started;
    private @Nullable Instant startedAt;
    private @Nullable Instant endedAt;
    private PMap<String, StepState> steps;
    private PMap<String, @Nullable Object> ctx;
    private PMap<Long, OpenCommand> commands;
    private PVector<Pending> pending;
    private int stepsDone;
    private PVector<String> failedSteps;
    private @Nullable String failure;
    private @Nullable String lastLeaf;
    private @Nullable Object result;
    private @Nullable String error;

    Draft(ExecutionState from, int seq) {
      this.executionId = from.executionId;
      this.seq = seq;
      this.status = from.status;
      this.started = from.started;
      this.startedAt = from.startedAt;
      this.endedAt = from.endedAt;
      this.steps = from.steps;
      this.ctx = from.ctx;
      this.commands = from.commands;
      this.pending = from.pending;
      this.stepsDone = from.stepsDone;
      this.failedSteps = from.failedSteps;
      this.failure = from.failure;
      this.lastLeaf = from.lastLeaf;
      this.result = from.result;
      this.error = from.error;
    }

    ExecutionState state() {
      return new ExecutionState(
          executionId,
          status,
          seq,
          started,
          startedAt,
          endedAt,
          steps,
          ctx,
          commands,
          pending,
          stepsDone,
          failedSteps,
          failure,
          lastLeaf,
          result,
          error);
    }

    private StepState step(String name) {
      return steps.getOrDefault(name, StepState.NONE);
    }

    void enter(String name, int visit, @Nullable String from) {
      StepState old = step(name);
      steps =
          steps.plus(
              name,
              new StepState(
                  visit, old.finished(), old.skips(), true, old.outcome(), from, old.failed()));
      leavePending(name);
    }

    void finish(String name, Completion completion) {
      StepState old = step(name);
      boolean failed = completion.unhandled() || completion.fault() != null;
      stepsDone++;
      steps =
          steps.plus(
              name,
              new StepState(
                  old.visits(),
                  old.finished() + 1,
                  old.skips(),
                  false,
                  completion.outcome(),
                  old.from(),
                  failed));
      if (failed) {
        String fault = completion.fault();
        fail(name, fault != null ? fault : sentence(completion.outcome()));
      }
      if (completion.arcs().isEmpty()) {
        lastLeaf = name;
      }
      take(name, completion.arcs());
    }

    void skip(ExecutionEvent.StepSkipped e) {
      StepState old = step(e.step());
      steps =
          steps.plus(
              e.step(),
              new StepState(
                  old.visits(),
                  old.finished(),
                  old.skips() + 1,
                  false,
                  old.outcome(),
                  old.from(),
                  old.failed()));
      leavePending(e.step());
      if (e.fault() != null) {
        fail(e.step(), e.fault());
      }
      take(e.step(), e.arcs());
    }

    private void fail(String name, String sentence) {
      if (!failedSteps.contains(name)) {
        failedSteps = failedSteps.plus(name);
      }
      if (failure == null) {
        failure = sentence;
      }
    }

    private void take(String from, List<Taken> arcs) {
      for (Taken arc : arcs) {
        int at = indexOfPending(arc.target());
        if (at >= 0) {
          pending = pending.with(at, new Pending(arc.target(), from));
        } else if (arc.starts()) {
          pending = pending.plus(new Pending(arc.target(), from));
        }
      }
    }

    private void leavePending(String name) {
      int at = indexOfPending(name);
      if (at >= 0) {
        pending = pending.minus(at);
      }
    }

    private int indexOfPending(String name) {
      for (int i = 0; i < pending.size(); i++) {
        if (pending.get(i).step().equals(name)) {
          return i;
        }
      }
      return -1;
    }

    void expire(long commandId, int attempt) {
      OpenCommand old = commands.get(commandId);
      if (old != null) {
        commands =
            commands.plus(
                commandId,
                new OpenCommand(
                    commandId,
                    old.step(),
                    old.visit(),
                    old.iteration(),
                    old.kind(),
                    old.pool(),
                    attempt,
                    null));
      }
    }

    void remember(ExecutionEvent.Recorded e) {
      OpenCommand old = e.commandId() == null ? null : commands.get(e.commandId());
      if (old != null && e.reported() != null) {
        commands =
            commands.plus(
                old.commandId(),
                new OpenCommand(
                    old.commandId(),
                    old.step(),
                    old.visit(),
                    old.iteration(),
                    old.kind(),
                    old.pool(),
                    old.attempts(),
                    e.reported()));
      }
    }

    void end(ExecutionStatus terminal, Instant at) {
      status = terminal;
      endedAt = at;
      commands = HashTreePMap.empty();
      pending = TreePVector.empty();
    }

    void write(List<CtxWrite> writes) {
      for (CtxWrite write : writes) {
        List<String> path = write.path();
        String head = path.getFirst();
        ctx =
            path.size() == 1
                ? ctx.plus(head, write.value())
                : ctx.plus(
                    head, laidInto(ctx.get(head), path.subList(1, path.size()), write.value()));
      }
    }

    private static Object laidInto(
        @Nullable Object old, List<String> path, @Nullable Object value) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      if (old instanceof Map<?, ?> members) {
        members.forEach((k, v) -> map.put(String.valueOf(k), v));
      }
      String head = path.getFirst();
      map.put(
          head,
          path.size() == 1 ? value : laidInto(map.get(head), path.subList(1, path.size()), value));
      return map;
    }

    private static String sentence(Outcome outcome) {
      Map<String, @Nullable Object> error = outcome.error();
      Object message = error == null ? null : error.get("message");
      return message == null
          ? "step ended with status " + outcome.status().word()
          : message.toString();
    }
  }
}
