package io.noetl.execution;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionEvent.Completion;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionEvent.Taken;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.execution.ExecutionState.Pending;
import io.noetl.execution.ExecutionState.StepState;
import io.noetl.playbook.value.Outcome;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** One fold step in progress; exists only inside {@link ExecutionState#evolve}. */
final class Fold {
  private final long executionId;
  private final int seq;
  ExecutionStatus status;
  @Nullable Started started;
  @Nullable Instant startedAt;
  @Nullable Instant endedAt;
  PMap<String, StepState> steps;
  PMap<String, @Nullable Object> ctx;
  PMap<String, LoopRun> loops;
  PMap<Long, OpenCommand> commands;
  PMap<Long, OpenWait> waits;
  PVector<Pending> pending;
  private int stepsDone;
  private PVector<String> failedSteps;
  private @Nullable String failure;
  private @Nullable String lastLeaf;
  @Nullable Object result;
  @Nullable String error;
  Signals signals;

  Fold(ExecutionState from, int seq) {
    this.executionId = from.executionId();
    this.seq = seq;
    this.status = from.status();
    this.started = from.started();
    this.startedAt = from.startedAt();
    this.endedAt = from.endedAt();
    this.steps = from.steps();
    this.ctx = from.ctx();
    this.loops = from.loops();
    this.commands = from.commands();
    this.waits = from.waits();
    this.pending = from.pending();
    this.stepsDone = from.stepsDone();
    this.failedSteps = from.failedSteps();
    this.failure = from.failure();
    this.lastLeaf = from.lastLeaf();
    this.result = from.result();
    this.error = from.error();
    this.signals = from.signals();
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
        loops,
        commands,
        waits,
        pending,
        stepsDone,
        failedSteps,
        failure,
        lastLeaf,
        result,
        error,
        signals);
  }

  /** The state of a fork before anything of its own. */
  void keep(ExecutionEvent.Kept kept) {
    steps = HashTreePMap.from(kept.steps());
    ctx = HashTreePMap.from(kept.ctx());
    pending = TreePVector.from(kept.pending());
    stepsDone = kept.stepsDone();
    failedSteps = TreePVector.from(kept.failedSteps());
    failure = kept.failure();
    lastLeaf = kept.lastLeaf();
    signals = new Signals(TreePVector.from(kept.signals()), TreePVector.from(kept.signalKeys()));
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
                visit,
                old.finished(),
                old.skips(),
                true,
                old.outcome(),
                from,
                old.failed(),
                old.finishedSeq()));
    leavePending(name);
  }

  /** Ends a command or a wait. What waited for a signal and succeeded has got the oldest one. */
  void close(long id, Outcome outcome) {
    OpenWait wait = waits.get(id);
    if (wait != null
        && outcome.succeeded()
        && wait.opened().awaited() instanceof Awaited.Signal signal) {
      signals = signals.taken(signal.name());
    }
    commands = commands.minus(id);
    waits = waits.minus(id);
  }

  private LoopRun loop(String name) {
    LoopRun run = loops.get(name);
    if (run == null) {
      throw new IllegalStateException(
          "Expected a loop to run in step '"
              + name
              + "', but none does (execution="
              + executionId
              + ", seq="
              + seq
              + ")");
    }
    return run;
  }

  void iterate(String name) {
    loops = loops.plus(name, loop(name).started());
  }

  void claim(String name) {
    loops = loops.plus(name, loop(name).claiming());
  }

  void endClaim(ExecutionEvent.FrameClaimed e) {
    if (e.commandId() != null) {
      commands = commands.minus(e.commandId());
    }
    LoopRun run = loop(e.step());
    Outcome failure = e.failure();
    loops = loops.plus(e.step(), failure == null ? run.claimed(e.rows()) : run.broken(failure));
  }

  void endIteration(ExecutionEvent.IterationFinished e) {
    LoopRun run = loop(e.step());
    if (e.commandId() == null) {
      // It never became a command, so it was not counted as started before.
      run = run.started();
    } else {
      close(e.commandId(), e.outcome());
    }
    loops = loops.plus(e.step(), run.ended(e.outcome(), e.stops()));
  }

  void endLoop(ExecutionEvent.LoopDone e) {
    Outcome whole = loop(e.step()).outcome(executionId, e.step());
    loops = loops.minus(e.step());
    Completion told = e.completion();
    finish(e.step(), new Completion(whole, told.arcs(), told.unhandled(), told.fault()));
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
                failed,
                seq));
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
                old.failed(),
                old.finishedSeq()));
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
    waits = HashTreePMap.empty();
    loops = HashTreePMap.empty();
    pending = TreePVector.empty();
    signals = new Signals(TreePVector.empty(), signals.seen());
  }

  /** A sentence that can be a column of its own: what a tool says may hold U+0000. */
  static String storable(String sentence) {
    return sentence.replace('\0', '\uFFFD');
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

  /** A value with the member at a path replaced; maps on the way are made. */
  static Object laidInto(@Nullable Object old, List<String> path, @Nullable Object value) {
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
