package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Taken;
import io.noetl.execution.ExecutionState.StepState;
import io.noetl.playbook.Playbook;
import io.noetl.playbook.Router;
import io.noetl.playbook.Router.Arc;
import io.noetl.playbook.Step;
import io.noetl.playbook.scope.Views;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which arcs of a step are taken, and which of those start their target. */
final class Routing {
  private final Transition transition;
  private final Step step;
  private final @Nullable String eventName;

  /**
   * @param eventName what guards see as {@code event.name}; null after a skip, where it is
   *     undefined
   */
  Routing(Transition transition, Step step, @Nullable String eventName) {
    this.transition = transition;
    this.step = step;
    this.eventName = eventName;
  }

  /** The names that guards and {@code set} of the finished step see. */
  Scope scope(ExecutionState seen, @Nullable Outcome outcome) {
    Map<String, @Nullable Object> names = new LinkedHashMap<>();
    if (outcome == null) {
      names.put("output", Map.of());
    } else {
      names.put("output", Views.output(outcome, transition.data()));
    }
    if (eventName != null && outcome != null) {
      names.put("event", Finish.event(eventName, step, outcome));
    }
    Scope base = DispatchScope.of(transition, seen);
    return DispatchScope.dataAliases(base.with(names), base, transition, outcome);
  }

  /**
   * @return the arcs that are taken, in order
   * @throws TemplateException when a guard cannot be evaluated; the message names it
   */
  List<Arc> taken(List<Arc> arcs, ExecutionState seen, @Nullable Outcome outcome) {
    List<Arc> result = new ArrayList<>();
    if (arcs.isEmpty()) {
      return result;
    }
    Scope scope = scope(seen, outcome);
    for (Arc arc : arcs) {
      if (guard(arc, scope)) {
        result.add(arc);
        if (step.router().mode() == Router.Mode.EXCLUSIVE) {
          break;
        }
      }
    }
    return result;
  }

  private boolean guard(Arc arc, Scope scope) {
    try {
      return transition.language().templates().guard(arc.when(), scope);
    } catch (TemplateException e) {
      throw new TemplateException(
          "guard '" + arc.when() + "' of the arc to '" + arc.target() + "': " + e.getMessage());
    }
  }

  /**
   * Whether a taken arc starts its target: once per wave.
   *
   * @param completions how often the source has finished, this time included
   */
  Taken resolve(Arc arc, int completions) {
    String target = arc.target();
    if (!transition.definition().playbook().steps().containsKey(target)) {
      // An undefined end: the branch ends here.
      return new Taken(Playbook.END, false);
    }
    ExecutionState state = transition.state();
    StepState known = state.step(target);
    boolean self = target.equals(step.name());
    boolean busy =
        !self && known.running()
            || state.pending().stream().anyMatch(pending -> pending.step().equals(target));
    if (busy) {
      return new Taken(target, false);
    }
    boolean ran = self || known.finished() > 0;
    boolean closesCycle = self || transition.definition().graph().canReach(target, step.name());
    return new Taken(target, !ran || completions >= 2 || closesCycle);
  }
}
