package io.noetl.execution;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import java.time.Instant;
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
 * @param loops loops that run, by step
 * @param commands open commands by id
 * @param waits open waits by id
 * @param pending steps that an arc was taken into and that have not started, in the order of the
 *     first such arc
 * @param stepsDone runs of steps that have finished
 * @param failedSteps steps whose failure nobody handled, in order
 * @param failure sentence of the first such failure
 * @param lastLeaf the step that finished last without a taken arc
 * @param result of the execution, once completed
 * @param error sentence, once failed
 * @param signals that came from outside
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
    PMap<String, LoopRun> loops,
    PMap<Long, OpenCommand> commands,
    PMap<Long, OpenWait> waits,
    PVector<Pending> pending,
    int stepsDone,
    PVector<String> failedSteps,
    @Nullable String failure,
    @Nullable String lastLeaf,
    @Nullable Object result,
    @Nullable String error,
    Signals signals) {

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
   * @param finishedSeq position of the event that finished the last finished visit; 0 before
   */
  public record StepState(
      int visits,
      int finished,
      int skips,
      boolean running,
      @Nullable Outcome outcome,
      @Nullable String from,
      boolean failed,
      int finishedSeq) {
    static final StepState NONE = new StepState(0, 0, 0, false, null, null, false, 0);
  }

  /** Work of a visit, or of an iteration, that has not ended. */
  public sealed interface Open {
    /** Id of the event that began it. */
    long id();

    String step();

    int visit();

    @Nullable Integer iteration();
  }

  /** A wait that has not ended. */
  public record OpenWait(long waitId, ExecutionEvent.WaitOpened opened) implements Open {
    @Override
    public long id() {
      return waitId;
    }

    @Override
    public String step() {
      return opened.step();
    }

    @Override
    public int visit() {
      return opened.visit();
    }

    @Override
    public @Nullable Integer iteration() {
      return opened.iteration();
    }
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
      @Nullable Outcome reported)
      implements Open {
    @Override
    public long id() {
      return commandId;
    }
  }

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
        HashTreePMap.empty(),
        HashTreePMap.empty(),
        TreePVector.empty(),
        0,
        TreePVector.empty(),
        null,
        null,
        null,
        null,
        Signals.NONE);
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

  /** Whether nothing runs: no command is open, and no step waits. */
  boolean idle() {
    return commands.isEmpty() && waits.isEmpty();
  }

  /** Whether nothing new may be started. */
  public boolean paused() {
    return status == ExecutionStatus.PAUSED;
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
    Fold fold = new Fold(this, stored.seq());
    switch (stored.event()) {
      case Started e -> {
        fold.started = e;
        fold.startedAt = stored.at();
        fold.pending = fold.pending.plus(new Pending(e.entryStep(), null));
      }
      case ExecutionEvent.Forked e -> {
        fold.started = e.started();
        fold.startedAt = stored.at();
        fold.keep(e.kept());
      }
      case ExecutionEvent.CtxUpdated e -> {
        fold.write(e.writes());
        e.removed().forEach(name -> fold.ctx = fold.ctx.minus(name));
      }
      case ExecutionEvent.CommandIssued e -> {
        if (fold.loops.containsKey(e.step()) && e.iteration() == null) {
          fold.claim(e.step());
        } else if (e.iteration() == null) {
          fold.enter(e.step(), e.visit(), e.from());
        } else {
          fold.iterate(e.step());
        }
        fold.commands =
            fold.commands.plus(
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
      case ExecutionEvent.WaitOpened e -> {
        if (e.iteration() == null) {
          fold.enter(e.step(), e.visit(), e.from());
        } else {
          fold.iterate(e.step());
        }
        fold.waits = fold.waits.plus(stored.eventId(), new OpenWait(stored.eventId(), e));
      }
      case ExecutionEvent.CommandExpired e -> fold.expire(e.commandId(), e.attempt());
      case ExecutionEvent.CallFinished e -> {
        fold.close(e.commandId(), e.completion().outcome());
        fold.finish(e.step(), e.completion());
      }
      case ExecutionEvent.LoopStarted e -> {
        fold.enter(e.step(), e.visit(), e.from());
        fold.loops = fold.loops.plus(e.step(), LoopRun.of(e.visit(), e.items(), e.maxInFlight()));
      }
      case ExecutionEvent.CursorStarted e -> {
        fold.enter(e.step(), e.visit(), e.from());
        fold.loops =
            fold.loops.plus(
                e.step(), LoopRun.ofCursor(e.visit(), e.maxRows(), e.rowConcurrency(), e.whole()));
      }
      case ExecutionEvent.FrameClaimed e -> fold.endClaim(e);
      case ExecutionEvent.IterationFinished e -> fold.endIteration(e);
      case ExecutionEvent.LoopDone e -> fold.endLoop(e);
      case ExecutionEvent.StepExited e -> {
        fold.enter(e.step(), e.visit(), e.from());
        fold.finish(e.step(), e.completion());
      }
      case ExecutionEvent.StepSkipped e -> fold.skip(e);
      case ExecutionEvent.Completed e -> {
        fold.end(ExecutionStatus.COMPLETED, stored.at());
        fold.result = e.result();
      }
      case ExecutionEvent.Failed e -> {
        fold.end(ExecutionStatus.FAILED, stored.at());
        fold.error = Fold.storable(e.error());
      }
      case ExecutionEvent.Cancelled e -> {
        fold.end(ExecutionStatus.CANCELLED, stored.at());
        fold.error = Fold.storable(e.reason());
      }
      case ExecutionEvent.SignalReceived e -> fold.signals = fold.signals.with(e);
      case ExecutionEvent.Paused _ -> fold.status = ExecutionStatus.PAUSED;
      case ExecutionEvent.Resumed _ -> fold.status = ExecutionStatus.RUNNING;
      case ExecutionEvent.Recorded e -> fold.remember(e);
    }
    return fold.state();
  }
}
