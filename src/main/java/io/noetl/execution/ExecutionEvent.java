package io.noetl.execution;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A fact about one execution. Stored for ever by name and version; see {@code EventCodec}. */
public sealed interface ExecutionEvent {

  /**
   * Genesis, always at position 1; a token enters the entry step.
   *
   * @param workload the effective workload, raw: defaults with the payload laid over them
   * @param payloadKeys top-level keys that came from the payload; their values are never templates
   * @param pool pool that all commands go to, or null for the pool of the tool kind
   * @param settings settings that alter semantics, as they were at the start
   * @param origin what it was forked from, or null
   */
  record Started(
      long catalogId,
      String path,
      int version,
      Map<String, @Nullable Object> workload,
      List<String> payloadKeys,
      String entryStep,
      @Nullable Long parentExecutionId,
      @Nullable Long parentCommandId,
      @Nullable String pool,
      ExecutionSettings settings,
      @Nullable Origin origin)
      implements ExecutionEvent {
    /** One that is no fork. */
    public Started(
        long catalogId,
        String path,
        int version,
        Map<String, @Nullable Object> workload,
        List<String> payloadKeys,
        String entryStep,
        @Nullable Long parentExecutionId,
        @Nullable Long parentCommandId,
        @Nullable String pool,
        ExecutionSettings settings) {
      this(
          catalogId,
          path,
          version,
          workload,
          payloadKeys,
          entryStep,
          parentExecutionId,
          parentCommandId,
          pool,
          settings,
          null);
    }
  }

  /**
   * Where a fork comes from.
   *
   * @param seq the last event of the other execution that is in what was kept
   * @param rootId the first execution of the family; the other one unless that is a fork itself
   */
  record Origin(long executionId, int seq, long rootId) {}

  /**
   * Genesis of a fork, always at position 1: it goes on from what was kept of another execution.
   *
   * @param started as of any execution, with its origin
   */
  record Forked(Started started, Kept kept) implements ExecutionEvent {
    public Forked {
      if (started.origin() == null) {
        throw new IllegalArgumentException("Expected a fork to have an origin");
      }
    }
  }

  /**
   * What a fork keeps.
   *
   * @param steps that have run, or were skipped
   * @param pending where its tokens stand
   * @param signals that no step has waited for
   * @param signalKeys of signals that came
   */
  record Kept(
      Map<String, ExecutionState.StepState> steps,
      Map<String, @Nullable Object> ctx,
      List<ExecutionState.Pending> pending,
      int stepsDone,
      List<String> failedSteps,
      @Nullable String failure,
      @Nullable String lastLeaf,
      List<Signals.Kept> signals,
      List<Signals.Seen> signalKeys) {
    public Kept {
      pending = List.copyOf(pending);
      failedSteps = List.copyOf(failedSteps);
      signals = List.copyOf(signals);
      signalKeys = List.copyOf(signalKeys);
    }

    /** The same with some variables set. */
    public Kept with(Map<String, @Nullable Object> variables) {
      Map<String, @Nullable Object> all = new java.util.TreeMap<>(ctx);
      all.putAll(variables);
      return new Kept(
          steps, all, pending, stepsDone, failedSteps, failure, lastLeaf, signals, signalKeys);
    }
  }

  /**
   * Variables were set, in this order, and then some taken away.
   *
   * @param step that set them, or that somebody outside named as their source
   * @param warnings about values that could not be rendered and were kept as written
   * @param removed names that are no longer variables
   * @param types what somebody outside said that variables are, by name; empty for all others
   */
  record CtxUpdated(
      @Nullable String step,
      List<CtxWrite> writes,
      List<String> warnings,
      List<String> removed,
      Map<String, String> types)
      implements ExecutionEvent {
    public CtxUpdated(@Nullable String step, List<CtxWrite> writes, List<String> warnings) {
      this(step, writes, warnings, List.of(), Map.of());
    }
  }

  /**
   * A token entered a step and a command for it exists; the command's id is the event's id.
   *
   * @param visit which run of the step, from 1
   * @param from the step whose arc led here, null for the entry step
   */
  record CommandIssued(
      String step,
      int visit,
      @Nullable Integer iteration,
      ToolKind kind,
      String pool,
      @Nullable String from)
      implements ExecutionEvent {}

  /** A lease ran out; the command is offered again. */
  record CommandExpired(long commandId, String step, int attempt, @Nullable String workerId)
      implements ExecutionEvent {}

  /**
   * A token entered a step, or an iteration of its loop, and the step waits for something outside
   * this execution. No worker is involved. The id of the wait is the event's id; a {@link
   * CallFinished} or {@link IterationFinished} with it ends the wait.
   *
   * @param timeout how long it waits; null = for ever
   * @param stepLimit whether that is the limit of the step and not of its tool
   * @param from the step whose arc led here, null for the entry step and for an iteration
   */
  record WaitOpened(
      String step,
      int visit,
      @Nullable Integer iteration,
      Awaited awaited,
      @Nullable Duration timeout,
      boolean stepLimit,
      @Nullable String from)
      implements ExecutionEvent {}

  /**
   * A command, or a wait, ended and with it the visit of its step.
   *
   * @param attempt which delivery reported; 0 for a wait, as the fence
   * @param fence fencing token of the accepted report
   * @param claimedAt when the worker had claimed it; null when unknown or dead
   * @param dead true when the command ended because its attempts were used up
   */
  record CallFinished(
      long commandId,
      String step,
      int visit,
      Completion completion,
      int attempt,
      long fence,
      @Nullable String workerId,
      @Nullable Instant claimedAt,
      boolean dead)
      implements ExecutionEvent {}

  /**
   * A token entered a step with a loop; what it runs over is fixed from here on.
   *
   * @param items what they are, or where
   * @param maxInFlight iterations at once; 1 for a sequential loop
   */
  record LoopStarted(
      String step, int visit, LoopItems items, int maxInFlight, @Nullable String from)
      implements ExecutionEvent {}

  /**
   * A token entered a step with a cursor loop.
   *
   * @param maxRows rows to ask for in one claim
   * @param rowConcurrency iterations at once
   * @param whole whether the body runs once per frame, not once per row
   */
  record CursorStarted(
      String step, int visit, int maxRows, int rowConcurrency, boolean whole, @Nullable String from)
      implements ExecutionEvent {}

  /**
   * The claim of a cursor loop ended.
   *
   * @param commandId null when the claim could not be dispatched at all
   * @param frame index of the frame, from 0
   * @param rows what the body runs over; none when the cursor is drained, or the claim failed
   * @param failure what the claim came to when it failed; it ends the loop
   */
  record FrameClaimed(
      @Nullable Long commandId,
      String step,
      int visit,
      int frame,
      LoopItems rows,
      @Nullable Outcome failure,
      int attempt,
      long fence,
      @Nullable String workerId,
      @Nullable Instant claimedAt,
      boolean dead)
      implements ExecutionEvent {}

  /**
   * A command or a wait of a loop ended, and with it an iteration.
   *
   * @param commandId null when the iteration could not be dispatched at all
   * @param stops true when this outcome ends the loop: no iteration is started after it
   */
  record IterationFinished(
      @Nullable Long commandId,
      String step,
      int visit,
      int iteration,
      Outcome outcome,
      boolean stops,
      int attempt,
      long fence,
      @Nullable String workerId,
      @Nullable Instant claimedAt,
      boolean dead)
      implements ExecutionEvent {}

  /**
   * All iterations of a loop ended. The data of the outcome is left out: it is made of the outcomes
   * of the iterations, which are in the log already.
   */
  record LoopDone(String step, int visit, Completion completion) implements ExecutionEvent {}

  /** A step that the server itself entered and completed in one decision: no command existed. */
  record StepExited(String step, int visit, Completion completion, @Nullable String from)
      implements ExecutionEvent {}

  /** Admission said no; the arcs were evaluated at once. */
  record StepSkipped(String step, List<Taken> arcs, @Nullable String fault)
      implements ExecutionEvent {}

  /** The end: no token is left and nothing failed unhandled. */
  record Completed(@Nullable Object result) implements ExecutionEvent {}

  /** The end: a failure that nobody handled. */
  record Failed(String error, List<String> failedSteps) implements ExecutionEvent {}

  /**
   * The end: somebody cancelled.
   *
   * @param cascade whether executions that it started are cancelled, too
   */
  record Cancelled(String reason, boolean cascade) implements ExecutionEvent {}

  /**
   * A signal came. It ends the oldest wait for its name with the next event; when there is none, it
   * is kept until a step waits for it.
   *
   * @param key what makes it one however often it is sent, or null
   */
  record SignalReceived(String name, @Nullable Object data, @Nullable String key)
      implements ExecutionEvent {}

  /**
   * Somebody paused it: nothing new is started until it is resumed; what runs may finish.
   *
   * @param reason who paused it, and why
   */
  record Paused(String reason) implements ExecutionEvent {}

  /**
   * It goes on.
   *
   * @param reason who resumed it, and why
   */
  record Resumed(String reason) implements ExecutionEvent {}

  /**
   * Something that a producer outside reported and that changes no state, except that a {@code
   * call.*} report is remembered until its {@code command.*} report arrives.
   *
   * @param type any name that is not reserved
   * @param envelope members of the envelope as sent, checked and bounded by the edge
   * @param commandId the open command it is about, or null
   * @param reported the outcome that it carries for that command, or null
   */
  record Recorded(
      String type,
      Map<String, @Nullable Object> envelope,
      @Nullable Long commandId,
      @Nullable Outcome reported)
      implements ExecutionEvent {}

  /**
   * How the run of a step ended and where its token went.
   *
   * @param arcs the arcs that were taken, in order
   * @param unhandled true when this outcome fails the execution
   * @param fault why routing itself could not be decided (a guard that cannot be evaluated)
   */
  record Completion(Outcome outcome, List<Taken> arcs, boolean unhandled, @Nullable String fault) {}

  /**
   * One arc that was taken.
   *
   * @param target name of the step, or {@code end}
   * @param starts false when the arc was absorbed: the target runs already, or ran in this wave
   */
  record Taken(String target, boolean starts) {}

  /**
   * One variable written: the member at {@code path} becomes {@code value}, maps on the way are
   * made.
   */
  record CtxWrite(List<String> path, @Nullable Object value) {}
}
