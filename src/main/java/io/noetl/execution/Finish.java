package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Completion;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionEvent.Taken;
import io.noetl.execution.ExecutionSettings.SoftErrors;
import io.noetl.playbook.ExecutorOptions.FailureMode;
import io.noetl.playbook.Mutation;
import io.noetl.playbook.Router.Arc;
import io.noetl.playbook.Step;
import io.noetl.playbook.StepOptions.OnError;
import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.scope.Mutations.Place;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.OutputOptions;
import io.noetl.playbook.value.References;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Ends one visit of a step: its {@code set}, its arcs, and whether its error fails the execution.
 */
final class Finish {
  private final Transition transition;

  Finish(Transition transition) {
    this.transition = transition;
  }

  /**
   * @param reported variables that policies inside the command have set
   * @param fact makes the event that says the step ended
   */
  void finish(
      Step step,
      Outcome outcome,
      List<CtxWrite> reported,
      Function<Completion, ExecutionEvent> fact) {
    Severity severity = severity(step, outcome);
    VariableWrites writes = new VariableWrites();
    List<CtxWrite> kept = transition.data().bounded(step.name(), transition.state(), reported);
    writes.addAll(kept);
    // Guards and set see the step as finished. Which arcs are taken is not known yet, so the state
    // they are evaluated on is a preview that is thrown away; the event is made when all is known.
    ExecutionState seen =
        transition.written(
            transition.preview(
                transition.state(), fact.apply(new Completion(outcome, List.of(), false, null))),
            kept);
    String as = OutputOptions.of(step.output()).as();
    if (as != null && severity.setsVariables()) {
      List<CtxWrite> named = List.of(new CtxWrite(List.of(as), value(outcome)));
      named = transition.data().bounded(step.name(), seen, named);
      writes.addAll(named);
      seen = transition.written(seen, named);
    }
    Routing routing = new Routing(transition, step, severity.event(step));
    if (severity.setsVariables() && !step.set().isEmpty()) {
      seen = set(step.set(), Place.STEP, routing.scope(seen, outcome), writes, seen);
    }
    List<Taken> arcs = new ArrayList<>();
    String fault = null;
    try {
      for (Arc arc : routing.taken(severity.arcs(step), seen, outcome)) {
        arcs.add(routing.resolve(arc, seen.step(step.name()).finished()));
        if (!arc.set().isEmpty()) {
          seen = set(arc.set(), Place.ARC, routing.scope(seen, outcome), writes, seen);
        }
      }
    } catch (TemplateException e) {
      fault = "step '" + step.name() + "': " + e.getMessage();
      arcs.clear();
    }
    boolean unhandled = fault == null && unhandled(step, severity, arcs);
    transition.emit(fact.apply(new Completion(outcome, arcs, unhandled, fault)));
    if (!writes.isEmpty()) {
      transition.emit(writes.event(step.name()));
    }
  }

  private ExecutionState set(
      List<Mutation> block, Place place, Scope scope, VariableWrites writes, ExecutionState seen) {
    VariableWrites own = new VariableWrites();
    transition.language().write(block, place, scope, own);
    List<CtxWrite> bounded = transition.data().bounded(null, seen, own.since(0));
    writes.addAll(bounded);
    writes.warnAll(own);
    return transition.written(seen, bounded);
  }

  /** The step's value, or what stands for it. */
  private static @Nullable Object value(Outcome outcome) {
    Map<String, @Nullable Object> reference = outcome.reference();
    return reference != null && References.elsewhere(outcome)
        ? References.marked(reference)
        : outcome.data();
  }

  /** How far an outcome counts as an error for routing. */
  private enum Severity {
    SUCCESS,
    /** Arcs are taken as after a success, although the outcome says error. */
    CONTINUED,
    SOFT,
    HARD;

    boolean setsVariables() {
      return this != HARD;
    }

    String event(Step step) {
      if (step.loop() != null && this == SUCCESS) {
        return "loop.done";
      }
      return this == SUCCESS || this == CONTINUED ? "call.done" : "call.error";
    }

    /** A hard error is rescued only by arcs whose guard asks for the event. */
    List<Arc> arcs(Step step) {
      if (this != HARD) {
        return step.router().arcs();
      }
      if (step.loop() != null) {
        // A loop that broke is not rescued: its iterations may be half done.
        return List.of();
      }
      return step.router().arcs().stream()
          .filter(arc -> arc.when() instanceof String guard && Language.mentions(guard, "event"))
          .toList();
    }
  }

  private Severity severity(Step step, Outcome outcome) {
    if (outcome.succeeded()) {
      return Severity.SUCCESS;
    }
    OnError onError = step.options().onError();
    if (outcome.hard()) {
      return onError == OnError.CONTINUE ? Severity.CONTINUED : Severity.HARD;
    }
    if (onError == OnError.FAIL || onError == OnError.ROUTE && softErrorsAreHard()) {
      return Severity.HARD;
    }
    return Severity.SOFT;
  }

  private boolean softErrorsAreHard() {
    return failureMode() == FailureMode.FAIL_FAST
        || failureMode() == FailureMode.ROUTE
            && transition.state().begun().settings().softErrors() == SoftErrors.FAIL;
  }

  private FailureMode failureMode() {
    return transition.definition().playbook().executor().failureMode();
  }

  private boolean unhandled(Step step, Severity severity, List<Taken> arcs) {
    boolean noMatchFails =
        transition.definition().playbook().executor().noNextIsError()
            && !step.router().arcs().isEmpty()
            && arcs.isEmpty();
    return switch (severity) {
      case SUCCESS, CONTINUED -> noMatchFails;
      case HARD -> arcs.isEmpty();
      case SOFT -> softUnhandled(step, arcs) || noMatchFails;
    };
  }

  private boolean softUnhandled(Step step, List<Taken> arcs) {
    if (!arcs.isEmpty()
        || step.options().onError() == OnError.CONTINUE
        || failureMode() == FailureMode.BEST_EFFORT
        || transition.state().begun().settings().softErrors() == SoftErrors.IGNORE) {
      return false;
    }
    // A non-2xx answer is an answer; by itself it never fails an execution.
    return !(step.tool() instanceof Tool.Single single && single.spec().kind() == ToolKind.HTTP);
  }

  static Map<String, @Nullable Object> event(String name, Step step, Outcome outcome) {
    Map<String, @Nullable Object> event = new LinkedHashMap<>();
    event.put("name", name);
    event.put("step", step.name());
    event.put("status", outcome.status().word());
    event.put("error", outcome.error());
    Map<String, @Nullable Object> payload = new LinkedHashMap<>();
    payload.put("error", outcome.error());
    event.put("payload", payload);
    return event;
  }
}
