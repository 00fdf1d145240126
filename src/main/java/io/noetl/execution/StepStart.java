package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Taken;
import io.noetl.execution.ExecutionState.StepState;
import io.noetl.playbook.Router.Arc;
import io.noetl.playbook.Step;
import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.scope.Mutations.Place;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.OutputOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings a token into a step: admission, inputs, then a command, or completion at once. */
final class StepStart {
  private final Transition transition;

  StepStart(Transition transition) {
    this.transition = transition;
  }

  /**
   * @param from the step whose arc led here, or null
   */
  void start(Step step, @Nullable String from) {
    StepState known = transition.state().step(step.name());
    int visit = known.visits() + 1;
    int limit = transition.language().limits().stepRuns();
    if (visit > limit) {
      transition.emit(
          new ExecutionEvent.StepSkipped(
              step.name(),
              List.of(),
              "step '"
                  + step.name()
                  + "' has run "
                  + limit
                  + " times, the limit playbook.step-runs"));
      return;
    }
    Scope scope = DispatchScope.arriving(transition, from);
    try {
      if (!admitted(step, scope)) {
        skip(step);
        return;
      }
    } catch (TemplateException e) {
      transition.emit(
          new ExecutionEvent.StepSkipped(
              step.name(), List.of(), "step '" + step.name() + "': " + e.getMessage()));
      return;
    }
    dispatch(step, visit, from, scope);
  }

  /** Makes the command of a visit, which had been admitted and made before. */
  void again(Step step, int visit, @Nullable String from) {
    dispatch(step, visit, from, DispatchScope.arriving(transition, from));
  }

  private boolean admitted(Step step, Scope scope) {
    if (!lets(step.when(), scope)) {
      return false;
    }
    for (Step.AdmitRule rule : step.admit()) {
      if (lets(rule.when(), scope)) {
        return rule.allow();
      }
    }
    return true;
  }

  private boolean lets(@Nullable Object guard, Scope scope) {
    try {
      return transition.language().templates().guard(guard, scope);
    } catch (TemplateException e) {
      throw new TemplateException("admission guard '" + guard + "': " + e.getMessage());
    }
  }

  private void skip(Step step) {
    Routing routing = new Routing(transition, step, null);
    List<Taken> arcs = new ArrayList<>();
    String fault = null;
    VariableWrites writes = new VariableWrites();
    try {
      ExecutionState seen = transition.state();
      StepState known = seen.step(step.name());
      for (Arc arc : routing.taken(step.router().arcs(), seen, null)) {
        arcs.add(routing.resolve(arc, known.finished() + known.skips() + 1));
        int before = writes.size();
        transition.language().write(arc.set(), Place.ARC, routing.scope(seen, null), writes);
        // The set of the next arc sees what this one has written.
        seen = transition.written(seen, writes.since(before));
      }
    } catch (TemplateException e) {
      fault = "step '" + step.name() + "': " + e.getMessage();
      arcs.clear();
    }
    transition.emit(new ExecutionEvent.StepSkipped(step.name(), arcs, fault));
    if (fault == null && !writes.isEmpty()) {
      transition.emit(writes.event(step.name()));
    }
  }

  private void dispatch(Step step, int visit, @Nullable String from, Scope scope) {
    if (step.loop() != null) {
      Outcome refused = new Loops(transition).start(step, step.loop(), visit, from, scope);
      if (refused != null) {
        exit(step, visit, from, refused);
      }
      return;
    }
    try {
      switch (step.tool()) {
        case Tool.Single single -> single(step, single.spec(), visit, from, scope);
        case Tool.Sequence sequence ->
            issue(
                step,
                ToolKind.TASK_SEQUENCE,
                visit,
                from,
                transition
                    .data()
                    .leaving(
                        () -> CommandContexts.sequence(transition, step, sequence, scope, from)));
      }
    } catch (TemplateException e) {
      exit(
          step,
          visit,
          from,
          Outcome.hard(Errors.template("step '" + step.name() + "': " + e.getMessage())));
    }
  }

  private void single(Step step, ToolSpec spec, int visit, @Nullable String from, Scope scope) {
    String unavailable = Loops.unavailable(spec);
    if (unavailable != null) {
      exit(step, visit, from, Outcome.hard(Errors.configuration(unavailable)));
      return;
    }
    if (Waits.serves(spec)) {
      Outcome refused =
          new Waits(transition)
              .open(
                  step,
                  spec,
                  visit,
                  null,
                  from,
                  CommandContexts.here(transition, step, spec, scope));
      if (refused != null) {
        exit(step, visit, from, refused);
      }
      return;
    }
    boolean here = needsNoWorker(spec);
    Map<String, @Nullable Object> context =
        here
            ? CommandContexts.here(transition, step, spec, scope)
            : transition
                .data()
                .leaving(() -> CommandContexts.single(transition, step, spec, scope, from));
    if (here) {
      exit(step, visit, from, Outcome.success(Noop.data(CommandContexts.rendered(context))));
      return;
    }
    issue(step, spec.kind(), visit, from, context);
  }

  /** A routing step needs no worker: it completes in the decision that reached it. */
  static boolean needsNoWorker(ToolSpec spec) {
    return spec.kind() == ToolKind.NOOP
        && spec.policy() == null
        && spec.set().isEmpty()
        && spec.retry() == null
        && !CommandContexts.needsWorker(spec);
  }

  private void exit(Step step, int visit, @Nullable String from, Outcome outcome) {
    Outcome bounded =
        transition.data().bounded(step.name(), outcome, OutputOptions.of(step.output()));
    new Finish(transition)
        .finish(
            step,
            bounded,
            List.of(),
            completion -> new ExecutionEvent.StepExited(step.name(), visit, completion, from));
  }

  private void issue(
      Step step,
      ToolKind kind,
      int visit,
      @Nullable String from,
      Map<String, @Nullable Object> context) {
    String pool = transition.language().pools().poolOf(transition.state().begun(), kind);
    StoredEvent event =
        transition.emit(
            new ExecutionEvent.CommandIssued(step.name(), visit, null, kind, pool, from));
    transition.issue(
        new NewCommand(
            event.eventId(),
            transition.state().executionId(),
            step.name(),
            visit,
            null,
            kind,
            pool,
            context));
  }

  /** The result of a routing step. */
  static final class Noop {
    private Noop() {}

    static @Nullable Object data(Map<String, @Nullable Object> fields) {
      if (fields.containsKey("result")) {
        return fields.get("result");
      }
      Map<String, @Nullable Object> data = new LinkedHashMap<>();
      data.put("status", "ok");
      Object message = fields.get("message");
      data.put("message", message == null ? "noop" : message);
      return data;
    }
  }
}
