package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Kept;
import io.noetl.execution.ExecutionState.Pending;
import io.noetl.execution.ExecutionState.StepState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Cuts executions: what a fork keeps of the one that it comes from. Stateless and pure. */
public final class Forks {
  private Forks() {}

  /**
   * What is kept of a state: all that has finished. What ran at the cut was given back: its token
   * stands before its step again, and a loop begins anew.
   *
   * @param state not the one after a terminal event, which has forgotten what ran
   */
  public static Kept cut(ExecutionState state) {
    return new Cut(state).kept();
  }

  /**
   * As {@link #cut}, but steps whose failure nobody handled have not run: their tokens stand before
   * them, too, and the failure is gone.
   */
  public static Kept beforeFailure(ExecutionState state) {
    Cut cut = new Cut(state);
    state.failedSteps().forEach(cut::undo);
    return cut.kept();
  }

  /** One cut in progress. */
  private static final class Cut {
    private final ExecutionState state;
    private final Map<String, StepState> steps;
    private final Map<String, Pending> pending = new LinkedHashMap<>();
    private int stepsDone;
    private @Nullable String failure;
    private List<String> failedSteps;
    private @Nullable String lastLeaf;

    Cut(ExecutionState state) {
      this.state = state;
      this.steps = new TreeMap<>(state.steps());
      this.stepsDone = state.stepsDone();
      this.failure = state.failure();
      this.failedSteps = List.copyOf(state.failedSteps());
      this.lastLeaf = state.lastLeaf();
      steps.forEach(
          (name, step) -> {
            if (step.running()) {
              pending.put(name, new Pending(name, step.from()));
            }
          });
      pending.keySet().forEach(name -> steps.computeIfPresent(name, (_, step) -> given(step)));
      state.pending().forEach(token -> pending.putIfAbsent(token.step(), token));
    }

    /** The visit that was open has not begun. */
    private static StepState given(StepState old) {
      return new StepState(
          old.visits() - 1,
          old.finished(),
          old.skips(),
          false,
          old.outcome(),
          old.from(),
          old.failed(),
          old.finishedSeq());
    }

    /** Takes back the last visit of a step that failed, or the skip that could not be decided. */
    void undo(String name) {
      StepState old = steps.get(name);
      failure = null;
      failedSteps = List.of();
      if (old == null) {
        return;
      }
      if (old.failed()) {
        steps.put(
            name,
            new StepState(
                old.visits() - 1,
                old.finished() - 1,
                old.skips(),
                false,
                null,
                old.from(),
                false,
                0));
        stepsDone--;
      } else if (old.skips() > 0) {
        steps.put(
            name,
            new StepState(
                old.visits(),
                old.finished(),
                old.skips() - 1,
                false,
                old.outcome(),
                old.from(),
                false,
                old.finishedSeq()));
      }
      if (name.equals(lastLeaf)) {
        lastLeaf = null;
      }
      pending.putIfAbsent(name, new Pending(name, old.from()));
    }

    Kept kept() {
      Map<String, StepState> kept = new LinkedHashMap<>();
      steps.forEach(
          (name, step) -> {
            if (step.visits() > 0 || step.skips() > 0) {
              kept.put(name, placed(step));
            }
          });
      return new Kept(
          kept,
          new TreeMap<>(state.ctx()),
          new ArrayList<>(pending.values()),
          stepsDone,
          failedSteps,
          failure,
          lastLeaf,
          state.signals().kept(),
          state.signals().seen());
    }

    /** Positions of the other log are before the first of this one; their order is kept. */
    private StepState placed(StepState step) {
      return step.finished() == 0
          ? step
          : new StepState(
              step.visits(),
              step.finished(),
              step.skips(),
              step.running(),
              step.outcome(),
              step.from(),
              step.failed(),
              step.finishedSeq() - state.seq() - 1);
    }
  }
}
