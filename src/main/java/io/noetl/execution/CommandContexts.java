package io.noetl.execution;

import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionState.StepState;
import io.noetl.playbook.Step;
import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes the document that a command carries: the tool, its inputs, and the slice of names that its
 * templates or its code may ask for. Names are found by their words in the tool's text, so a
 * command does not carry the whole state of a long execution.
 */
final class CommandContexts {
  private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
  private static final Set<String> WHOLE_STATE =
      Set.of("context", "variables", "ctx", "vars", "steps");

  /** Names of the outcome that led here. */
  private static final Set<String> SOURCE = Set.of("output", "result", "response", "this");

  /** Names that the server does not know. */
  private static final Set<String> ON_WORKERS =
      Set.of(
          "keychain",
          "step",
          "node_name",
          "server_url",
          "worker_id",
          "command_id",
          "action",
          "_task",
          "_attempt");

  private CommandContexts() {}

  /**
   * A single tool: its fields are rendered here, but for what only a worker may resolve, and for
   * what touches data that is stored out of line: the worker gets that by itself.
   *
   * @param from the step whose arc led here, or null
   */
  static Map<String, @Nullable Object> single(
      Transition transition, Step step, ToolSpec spec, Scope scope, @Nullable String from) {
    Deferral deferral = new Deferral(transition.language().templates());
    Map<String, @Nullable Object> stepInput = deferral.rendered(step.input(), scope);
    Object input = input(transition, spec.input(), stepInput, scope.with(stepInput), deferral);
    Scope inner = input instanceof Map<?, ?> map ? scope.with(named(map)) : scope.with(stepInput);
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    context.put("tool", spec.source());
    context.put("rendered", deferral.fields(transition.language().fields(), spec, inner));
    context.put("input", input);
    deferral.noteIn(context);
    Set<String> words = words(spec);
    words.addAll(deferral.read());
    addArrived(context, transition, deferral.read(), from);
    addNames(context, transition, step, words);
    return context;
  }

  /** A single tool that the server itself runs: all of it is rendered here. */
  static Map<String, @Nullable Object> here(
      Transition transition, Step step, ToolSpec spec, Scope scope) {
    Deferral deferral = new Deferral(transition.language().templates());
    Map<String, @Nullable Object> stepInput = deferral.rendered(step.input(), scope);
    Object input = input(transition, spec.input(), stepInput, scope.with(stepInput), deferral);
    Scope inner = input instanceof Map<?, ?> map ? scope.with(named(map)) : scope.with(stepInput);
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    context.put("rendered", transition.language().fields().render(spec, inner, deferral.words()));
    context.put("input", input);
    return context;
  }

  /** Whether a field or input reads a name that only a worker knows. */
  static boolean needsWorker(ToolSpec spec) {
    Set<String> words = new HashSet<>(Templates.words(spec.fields()));
    words.addAll(Templates.words(spec.input()));
    return words.stream().anyMatch(ON_WORKERS::contains);
  }

  /**
   * Those of a step's inputs that a value mentions, rendered: the others may need names that are
   * not there yet.
   */
  static Map<String, @Nullable Object> mentioned(
      Templates templates, Step step, @Nullable Object value, Scope scope) {
    Map<String, @Nullable Object> raw = new LinkedHashMap<>(step.input());
    raw.keySet().retainAll(Templates.guardWords(value));
    return raw.isEmpty() ? Map.of() : new Deferral(templates).rendered(raw, scope);
  }

  /** A sequence: tasks stay raw, each is rendered on the worker just before it runs. */
  static Map<String, @Nullable Object> sequence(
      Transition transition,
      Step step,
      Tool.Sequence sequence,
      Scope scope,
      @Nullable String from) {
    Templates templates = transition.language().templates();
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    List<Map<String, @Nullable Object>> tasks = new ArrayList<>();
    Set<String> words = new HashSet<>();
    for (Tool.Task task : sequence.tasks()) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("label", task.label());
      entry.put("tool", task.spec().source());
      tasks.add(entry);
      words.addAll(words(task.spec()));
    }
    context.put("tasks", tasks);
    Deferral deferral = new Deferral(templates);
    context.put("input", deferral.rendered(step.input(), scope));
    deferral.noteIn(context);
    words.addAll(deferral.read());
    addArrived(context, transition, deferral.read(), from);
    addNames(context, transition, step, words);
    return context;
  }

  /** Adds the outcome that led here, when templates that are left to the worker read it. */
  private static void addArrived(
      Map<String, @Nullable Object> context,
      Transition transition,
      Set<String> left,
      @Nullable String from) {
    Outcome outcome = from == null ? null : transition.state().step(from).outcome();
    if (outcome != null && left.stream().anyMatch(SOURCE::contains)) {
      context.put("arrived", outcome.toMap());
    }
  }

  /** Adds the names of an iteration to a context. */
  static void inLoop(
      Map<String, @Nullable Object> context,
      Map<String, @Nullable Object> names,
      Map<String, @Nullable Object> iter) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    if (context.get("names") instanceof Map<?, ?> known) {
      all.putAll(named(known));
    }
    names.forEach(
        (name, value) -> {
          if (!name.equals("iter")) {
            all.put(name, value);
          }
        });
    context.put("names", all);
    context.put("iter", iter);
  }

  /** The rendered fields inside a context made by {@link #single}. */
  @SuppressWarnings("unchecked") // put there above
  static Map<String, @Nullable Object> rendered(Map<String, @Nullable Object> context) {
    Object fields = context.get("rendered");
    return fields == null ? Map.of() : (Map<String, @Nullable Object>) fields;
  }

  /** Tool input laid over the step's; a non-map input stands alone. */
  private static @Nullable Object input(
      Transition transition,
      @Nullable Object raw,
      Map<String, @Nullable Object> stepInput,
      Scope scope,
      Deferral deferral) {
    if (raw instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> merged = new LinkedHashMap<>(stepInput);
      merged.putAll(deferral.rendered(named(map), scope));
      return merged;
    }
    if (raw == null) {
      return stepInput;
    }
    // It has no name under which it could be left to the worker.
    Object value =
        transition.data().staying(() -> transition.language().templates().render(raw, scope));
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> merged = new LinkedHashMap<>(stepInput);
      merged.putAll(named(map));
      return merged;
    }
    return value == null ? stepInput : value;
  }

  @SuppressWarnings("unchecked") // plain JSON values have string keys
  static Map<String, @Nullable Object> named(Map<?, ?> map) {
    return (Map<String, @Nullable Object>) map;
  }

  /**
   * Every word in any text of the tool. More than its templates alone: a guard needs no delimiters,
   * and code reads names too ({@code workload["x"]}, {@code context.get("y")}).
   */
  private static Set<String> words(ToolSpec spec) {
    Set<String> words = new HashSet<>();
    addWords(spec.source(), words);
    if (spec.kind() == ToolKind.PYTHON && !spec.fields().containsKey("code")) {
      // Encoded or fetched code may read anything.
      words.addAll(WHOLE_STATE);
    }
    return words;
  }

  static void addWords(@Nullable Object value, Set<String> words) {
    switch (value) {
      case String text -> {
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
          words.add(matcher.group());
        }
      }
      case Map<?, ?> map -> map.values().forEach(item -> addWords(item, words));
      case List<?> items -> items.forEach(item -> addWords(item, words));
      case null, default -> {}
    }
  }

  private static void addNames(
      Map<String, @Nullable Object> context, Transition transition, Step step, Set<String> words) {
    ExecutionState state = transition.state();
    Started started = state.begun();
    boolean whole = words.stream().anyMatch(WHOLE_STATE::contains);
    DispatchScope scope = DispatchScope.of(transition, state);

    // Entries of the keychain are rendered by the worker, with what they read of the workload.
    Set<String> keychain = Templates.words(transition.definition().playbook().keychain());
    Map<String, @Nullable Object> workload = new LinkedHashMap<>();
    for (String name : started.workload().keySet()) {
      if (whole || words.contains("workload") || words.contains(name) || keychain.contains(name)) {
        workload.put(name, renderedHere(transition, scope.get(name), scope));
      }
    }
    Map<String, @Nullable Object> ctx = new LinkedHashMap<>();
    state
        .ctx()
        .forEach(
            (name, value) -> {
              if (whole || words.contains(name)) {
                ctx.put(name, value);
              }
            });
    Map<String, @Nullable Object> steps = new LinkedHashMap<>();
    for (String name : whole ? state.steps().keySet() : words) {
      StepState known = state.steps().get(name);
      if (known != null && known.outcome() != null) {
        steps.put(name, known.outcome().toMap());
      }
    }
    if (!started.workload().containsKey("spec") && words.contains("spec") && scope.has("spec")) {
      // Under all other names, as a default of the workload would be.
      Map<String, @Nullable Object> names = new LinkedHashMap<>();
      names.put("spec", renderedHere(transition, scope.get("spec"), scope));
      context.put("names", names);
    }
    putUnlessEmpty(context, "output", step.output());
    putUnlessEmpty(context, "workload", workload);
    putUnlessEmpty(context, "ctx", ctx);
    putUnlessEmpty(context, "steps", steps);
    Duration timeout = timeout(transition, step);
    if (timeout != null) {
      context.put("timeout_seconds", timeout.toMillis() / 1000.0);
    }
    if (!started.settings().retypeStrings()) {
      context.put("retype_strings", false);
    }
    Map<String, @Nullable Object> environment = new LinkedHashMap<>();
    environment.put("execution_id", Long.toString(state.executionId()));
    environment.put("catalog_id", Long.toString(started.catalogId()));
    environment.put("path", started.path());
    environment.put("version", (long) started.version());
    Long parent = started.parentExecutionId();
    environment.put("parent_execution_id", parent == null ? null : Long.toString(parent));
    context.put("environment", environment);
  }

  /** The limit for one command, or one wait, of a step; null = none. */
  static @Nullable Duration timeout(Transition transition, Step step) {
    Duration own = step.options().timeout();
    return own != null ? own : transition.definition().playbook().executor().defaultTimeout();
  }

  /** A default that is a template travels as what it comes to: nobody else may render it. */
  private static @Nullable Object renderedHere(
      Transition transition, @Nullable Object value, Scope scope) {
    return transition.data().staying(() -> transition.language().templates().render(value, scope));
  }

  private static void putUnlessEmpty(
      Map<String, @Nullable Object> context, String name, Map<String, @Nullable Object> value) {
    if (!value.isEmpty()) {
      context.put(name, value);
    }
  }
}
