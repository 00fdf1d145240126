package io.noetl.execution;

import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.execution.ExecutionState.Pending;
import io.noetl.playbook.Playbook;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Starts every step that may start, and ends the execution when nothing is left: no token pending,
 * no command open, no step waiting. After a failure that nobody handled nothing more is started;
 * what runs may finish. While it is paused nothing is started or ended.
 */
final class Advance {
  private final Transition transition;

  Advance(Transition transition) {
    this.transition = transition;
  }

  void run() {
    while (true) {
      ExecutionState state = transition.state();
      if (state.paused()) {
        // Neither a start nor an end: what is left is found again when it is resumed.
        return;
      }
      if (state.failure() != null) {
        if (state.idle()) {
          transition.emit(failed(state));
        }
        return;
      }
      if (state.pending().isEmpty()) {
        if (!state.idle()) {
          return;
        }
        String last = finalStep(state);
        if (last == null) {
          transition.emit(new ExecutionEvent.Completed(result(state)));
          return;
        }
        new StepStart(transition).start(transition.stepOf(last), null);
        continue;
      }
      Pending next = startable(state);
      if (next == null) {
        if (!state.idle()) {
          return;
        }
        // Only steps held at barriers remain, each waiting for another: release the oldest.
        next = state.pending().getFirst();
      }
      new StepStart(transition).start(transition.stepOf(next.step()), next.from());
    }
  }

  private @Nullable Pending startable(ExecutionState state) {
    Graph graph = transition.definition().graph();
    for (Pending pending : state.pending()) {
      Set<String> upstreams = graph.forwardUpstreams(pending.step());
      if (upstreams.size() < 2
          || !graph.anyReachable(live(state, pending), upstreams, pending.step())) {
        return pending;
      }
    }
    return null;
  }

  /** Steps at which a token stands now, other than the one asked about. */
  private static Set<String> live(ExecutionState state, Pending except) {
    Set<String> live = new HashSet<>();
    for (OpenCommand command : state.commands().values()) {
      live.add(command.step());
    }
    for (OpenWait wait : state.waits().values()) {
      live.add(wait.step());
    }
    for (Pending pending : state.pending()) {
      live.add(pending.step());
    }
    live.remove(except.step());
    return live;
  }

  private @Nullable String finalStep(ExecutionState state) {
    String name = transition.definition().playbook().executor().finalStep();
    return name == null || state.step(name).visits() > 0 || state.step(name).skips() > 0
        ? null
        : name;
  }

  private static ExecutionEvent.Failed failed(ExecutionState state) {
    return new ExecutionEvent.Failed(
        "Failed steps: " + String.join(", ", state.failedSteps()) + ": " + state.failure(),
        List.copyOf(state.failedSteps()));
  }

  private @Nullable Object result(ExecutionState state) {
    Outcome last = state.step(Playbook.END).outcome();
    String leaf = state.lastLeaf();
    if (last == null && leaf != null) {
      last = state.step(leaf).outcome();
    }
    if (last == null) {
      return null;
    }
    Map<String, @Nullable Object> reference = last.reference();
    if (reference == null || !References.elsewhere(last)) {
      return last.data();
    }
    // Only the value of a loop can be elsewhere and small.
    boolean small =
        reference.get(References.BYTES) instanceof Number bytes
            && bytes.longValue() <= transition.language().limits().inlineBytes();
    return small ? transition.data().data(reference) : reference;
  }
}
