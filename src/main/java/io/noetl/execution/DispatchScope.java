package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionState.StepState;
import io.noetl.playbook.scope.Views;
import io.noetl.playbook.template.LazyText;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The flat map of names that templates of the server read, looked up instead of built: workload,
 * then step values, then variables, then names of the execution, the later winning. Confined to one
 * decision.
 */
final class DispatchScope implements Scope {
  private static final String WORKLOAD = "workload";
  private static final String STEPS = "steps";

  /** The older root key of that name. */
  private static final String SPEC = "spec";

  private final Definition definition;
  private final ExecutionState state;
  private final Started started;
  private final Instant now;
  private final StoredData data;
  private final Map<String, @Nullable Object> made = new HashMap<>();

  private DispatchScope(Definition definition, ExecutionState state, Instant now, StoredData data) {
    this.data = data;
    this.definition = definition;
    this.state = state;
    this.started = state.begun();
    this.now = now;
  }

  static DispatchScope of(Transition transition, ExecutionState seen) {
    return new DispatchScope(
        transition.definition(), seen, transition.mint().now(), transition.data());
  }

  /**
   * The names while a step is admitted and rendered that was reached over an arc: {@code output} is
   * that of the arc's source, {@code result}, {@code response} and {@code this} are its data.
   */
  static Scope arriving(Transition transition, @Nullable String from) {
    DispatchScope base = of(transition, transition.state());
    Outcome outcome = from == null ? null : transition.state().step(from).outcome();
    if (outcome == null) {
      return base;
    }
    Object output = Views.output(outcome, transition.data());
    LateNames names = new LateNames(base).putUnlessDefined("output", () -> output);
    return dataAliases(names, base, transition, outcome);
  }

  /**
   * {@code result}, {@code response} and {@code this}, where no other name of the kind exists.
   *
   * @param over what they are laid over
   * @param base where the other names are looked for
   */
  static Scope dataAliases(
      Scope over, Scope base, Transition transition, @Nullable Outcome outcome) {
    if (outcome == null) {
      return over;
    }
    Object output = Views.output(outcome, transition.data());
    LateNames names = new LateNames(over);
    for (String name : List.of("result", "response", "this")) {
      if (!base.has(name)) {
        names.put(name, () -> dataOf(output));
      }
    }
    return names;
  }

  private static @Nullable Object dataOf(@Nullable Object output) {
    if (output instanceof TemplateObject object) {
      Object data = object.member("data");
      return data == TemplateObject.UNDEFINED ? null : data;
    }
    return output;
  }

  @Override
  public boolean has(String name) {
    return switch (name) {
      case "execution_id",
          "catalog_id",
          "path",
          "version",
          "parent_execution_id",
          WORKLOAD,
          STEPS,
          "ctx",
          "vars",
          "context",
          "iter",
          "env",
          "job" ->
          true;
      default ->
          state.ctx().containsKey(name)
              || finished(name) != null
              || started.workload().containsKey(name)
              || name.equals(SPEC) && !definition.playbook().spec().isEmpty();
    };
  }

  @Override
  public @Nullable Object get(String name) {
    switch (name) {
      case "execution_id":
        return Long.toString(state.executionId());
      case "catalog_id":
        return Long.toString(started.catalogId());
      case "path":
        return started.path();
      case "version":
        return (long) started.version();
      case "parent_execution_id":
        Long parent = started.parentExecutionId();
        return parent == null ? null : Long.toString(parent);
      default:
        break;
    }
    if (state.ctx().containsKey(name)) {
      return Views.variable(state.ctx().get(name), data);
    }
    Outcome outcome = finished(name);
    if (outcome != null) {
      return made.computeIfAbsent("step:" + name, k -> Views.step(outcome, data));
    }
    switch (name) {
      case STEPS:
        return made.computeIfAbsent(STEPS, k -> envelopes());
      case WORKLOAD:
        return made.computeIfAbsent(WORKLOAD, k -> workload());
      default:
        break;
    }
    if (started.workload().containsKey(name)) {
      return workloadValue(name);
    }
    return switch (name) {
      case SPEC -> definition.playbook().spec().isEmpty() ? null : definition.lazySpec();
      case "ctx", "vars", "context" -> made.computeIfAbsent("ctx", k -> new Context());
      case "iter", "env" -> Map.of();
      case "job" -> made.computeIfAbsent("job", k -> job());
      default -> null;
    };
  }

  @Override
  public Instant now() {
    return now;
  }

  private @Nullable Outcome finished(String name) {
    StepState step = state.steps().get(name);
    return step == null ? null : step.outcome();
  }

  private @Nullable Object workloadValue(String name) {
    if (!started.payloadKeys().contains(name)) {
      return definition.lazyWorkload().get(name);
    }
    Object value = started.workload().get(name);
    return started.settings().deepMerge() && value instanceof Map
        ? Workloads.lazy(
            value, definition.playbook().workload().get(name), definition.lazyWorkload().get(name))
        : value;
  }

  private Map<String, @Nullable Object> workload() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    started.workload().keySet().forEach(name -> map.put(name, workloadValue(name)));
    return map;
  }

  private Map<String, @Nullable Object> envelopes() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (String name : definition.playbook().steps().keySet()) {
      Outcome outcome = finished(name);
      if (outcome != null) {
        map.put(name, Views.envelope(outcome, data));
      }
    }
    return map;
  }

  private Map<String, @Nullable Object> job() {
    String id = Long.toString(state.executionId());
    Map<String, @Nullable Object> job = new LinkedHashMap<>();
    job.put("uuid", id);
    job.put("execution_id", id);
    job.put("id", id);
    return job;
  }

  /** {@code ctx}: every name of the flat map, variables winning. */
  private final class Context implements TemplateObject {
    @Override
    public @Nullable Object member(String name) {
      if (state.ctx().containsKey(name)) {
        return Views.variable(state.ctx().get(name), data);
      }
      return has(name) && !name.equals("ctx") && !name.equals("vars") && !name.equals("context")
          ? get(name)
          : UNDEFINED;
    }

    @Override
    public @Nullable Object element(int index) {
      return UNDEFINED;
    }

    @Override
    public @Nullable Object plain() {
      Map<String, @Nullable Object> map = new LinkedHashMap<>(workload());
      for (String name : definition.playbook().steps().keySet()) {
        Outcome outcome = finished(name);
        if (outcome != null) {
          map.put(name, data.of(outcome));
        }
      }
      state.ctx().forEach((name, value) -> map.put(name, plainOf(value)));
      return map;
    }
  }

  private @Nullable Object plainOf(@Nullable Object variable) {
    return Views.variable(variable, data) instanceof TemplateObject stored
        ? stored.plain()
        : variable;
  }

  /** Marks template text in defaults, which is rendered whenever it is read. */
  static @Nullable Object lazy(@Nullable Object value) {
    return switch (value) {
      case String text when Templates.isTemplate(text) -> new LazyText(text);
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        map.forEach((k, v) -> out.put(String.valueOf(k), lazy(v)));
        yield out;
      }
      case List<?> items -> {
        List<@Nullable Object> out = new ArrayList<>(items.size());
        items.forEach(item -> out.add(lazy(item)));
        yield out;
      }
      case null, default -> value;
    };
  }

  static Map<String, @Nullable Object> lazyMembers(Map<String, @Nullable Object> map) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    map.forEach((k, v) -> out.put(k, lazy(v)));
    return out;
  }
}
