package io.noetl.tool.sequence;

import io.noetl.playbook.scope.Mutations;
import io.noetl.playbook.scope.Mutations.Write;
import io.noetl.playbook.scope.Views;
import io.noetl.playbook.template.LazyText;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.template.Templates;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import io.noetl.tool.ToolCall.Identity;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names of one running command: those of its dispatch, and over them what its tasks have done
 * so far. Confined to the thread of the command.
 */
final class RunningContext {
  private final CommandContext command;
  private final InstantSource clock;
  private final boolean sequence;
  private final Map<String, @Nullable Object> dispatch = new LinkedHashMap<>();
  private final Map<String, @Nullable Object> variables;
  private final Map<String, @Nullable Object> iter;
  private final Map<String, @Nullable Object> written = new LinkedHashMap<>();
  private final SequencedMap<String, Outcome> outcomes = new LinkedHashMap<>();
  private final List<CtxWrite> writes = new ArrayList<>();
  private final Set<String> changed = new HashSet<>();
  private final Set<String> warnings = new LinkedHashSet<>();
  private @Nullable Object previous;

  /**
   * @param more names that only a worker has, for example {@code keychain}
   * @param data asked for data out of line when a template touches it
   */
  RunningContext(
      CommandContext command,
      Identity identity,
      Map<String, ? extends @Nullable Object> more,
      boolean sequence,
      InstantSource clock,
      DataSource data) {
    this.command = command;
    this.clock = clock;
    this.sequence = sequence;
    this.variables = new LinkedHashMap<>();
    command.ctx().forEach((name, value) -> variables.put(name, Views.variable(value, data)));
    Map<String, @Nullable Object> iteration = command.iter();
    this.iter = iteration == null ? new LinkedHashMap<>() : new LinkedHashMap<>(iteration);
    dispatch.putAll(command.workload());
    dispatch.put("workload", command.workload());
    Map<String, @Nullable Object> envelopes = new LinkedHashMap<>();
    command
        .steps()
        .forEach(
            (name, outcome) -> {
              dispatch.put(name, Views.step(outcome, data));
              envelopes.put(name, Views.envelope(outcome, data));
            });
    dispatch.put("steps", envelopes);
    dispatch.putAll(variables);
    dispatch.putAll(command.environment());
    arrived(command.arrived(), data);
    dispatch.putAll(command.names());
    if (command.input() instanceof Map<?, ?> input) {
      input.forEach(
          (key, value) -> {
            String name = String.valueOf(key);
            dispatch.put(name, command.deferred().contains(name) ? lazy(value) : value);
          });
    }
    dispatch.put("step", identity.step());
    dispatch.put("node_name", identity.step());
    dispatch.put("server_url", identity.serverUrl());
    dispatch.put("worker_id", identity.workerId());
    dispatch.put("command_id", identity.commandId());
    dispatch.putAll(more);
    Object id = command.environment().get("execution_id");
    Map<String, @Nullable Object> job = new LinkedHashMap<>();
    job.put("uuid", id);
    job.put("execution_id", id);
    job.put("id", id);
    dispatch.putIfAbsent("job", job);
    dispatch.putIfAbsent("env", Map.of());
  }

  private void arrived(@Nullable Outcome outcome, DataSource data) {
    if (outcome == null) {
      return;
    }
    Object output = Views.output(outcome, data);
    dispatch.putIfAbsent("output", output);
    Object whole = whole(outcome, output, data);
    dispatch.putIfAbsent("result", whole);
    dispatch.putIfAbsent("response", whole);
    dispatch.putIfAbsent("this", whole);
  }

  /** The data of the outcome, got only when a template touches it. */
  private static @Nullable Object whole(Outcome outcome, @Nullable Object output, DataSource data) {
    Map<String, @Nullable Object> reference = outcome.reference();
    if (reference != null && References.elsewhere(outcome)) {
      return Views.variable(References.marked(reference), data);
    }
    if (output instanceof TemplateObject object) {
      Object member = object.member("data");
      return member == TemplateObject.UNDEFINED ? null : member;
    }
    return output;
  }

  /** The names that a task's text sees. */
  Scope scope(String label, String action, int attempt) {
    Map<String, @Nullable Object> running = new LinkedHashMap<>();
    if (sequence) {
      outcomes.forEach((name, outcome) -> running.put(name, Views.step(outcome)));
    }
    running.putAll(written);
    if (sequence) {
      running.put("results", results());
      running.put("_prev", previous);
    }
    running.put("_task", label);
    running.put("_attempt", (long) attempt);
    running.put("action", action);
    if (command.iter() != null || !iter.isEmpty() || !dispatch.containsKey("iter")) {
      running.put("iter", iter);
    }
    Scope names = Scope.of(dispatch, clock.instant()).with(running);
    Map<String, @Nullable Object> views = new LinkedHashMap<>();
    for (String view : CtxView.NAMES) {
      // Only where nothing else has the name, such as an input called context.
      if (!names.has(view)) {
        views.put(view, new CtxView(variables, command.workload(), names));
      }
    }
    return names.with(views);
  }

  /** Label to data of every task that has run. */
  Map<String, @Nullable Object> results() {
    Map<String, @Nullable Object> results = new LinkedHashMap<>();
    outcomes.forEach((label, outcome) -> results.put(label, outcome.data()));
    return results;
  }

  /** The latest outcome of each task that has run; the one that ran last comes last. */
  SequencedMap<String, Outcome> outcomes() {
    return outcomes;
  }

  void store(String label, Outcome outcome) {
    // Order of execution is the order of the latest runs.
    outcomes.remove(label);
    outcomes.put(label, outcome);
  }

  /** Called when a task is left other than by a retry. */
  void left(Outcome outcome) {
    previous = outcome.data();
  }

  /** What was wrong and did not stop the command, each sentence once. */
  Set<String> warnings() {
    return warnings;
  }

  /** The ctx writes to be made durable, so far. */
  List<CtxWrite> writes() {
    return writes;
  }

  /** Names whose values differ from those of the dispatch by what was written since. */
  Set<String> changed() {
    return changed;
  }

  /** Makes what a {@code set} block has written visible; ctx variables become durable later. */
  void apply(List<Write> block) {
    for (Write write : block) {
      List<Write> one = List.of(write);
      String name = write.name();
      switch (write.target()) {
        case CTX -> {
          writes.add(new CtxWrite(write.path(), write.value()));
          String head = write.name();
          if (write.path().size() > 1) {
            variables.computeIfPresent(head, (k, old) -> plain(old));
          }
          variables.putAll(Mutations.changed(variables, one));
          written.put(name, variables.get(name));
          changed.addAll(CtxView.NAMES);
          changed.add(name);
        }
        case ITER -> {
          iter.putAll(Mutations.changed(iter, one));
          changed.add("iter");
        }
        case LOCAL -> {
          Map<String, @Nullable Object> seen = new LinkedHashMap<>(written);
          if (!written.containsKey(name)) {
            // A path into a map of the dispatch extends a copy of that map.
            seen.put(name, plain(dispatch.get(name)));
          }
          written.putAll(Mutations.changed(seen, one));
          changed.add(name);
        }
      }
    }
  }

  /** The whole context as plain values, for code that reads it by itself. */
  Map<String, @Nullable Object> plainNames() {
    Map<String, @Nullable Object> names = new LinkedHashMap<>();
    dispatch.forEach(
        (name, value) -> {
          // Code gets a secret only where its author hands it over, as an input.
          if (!command.deferred().contains(name)) {
            names.put(name, plain(value));
          }
        });
    if (sequence) {
      outcomes.forEach((label, outcome) -> names.put(label, plain(Views.step(outcome))));
      names.put("results", results());
      names.put("_prev", previous);
    }
    names.putAll(written);
    names.remove("keychain");
    names.put("workload", command.workload());
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    variables.forEach((name, value) -> values.put(name, plain(value)));
    names.put("ctx", values);
    if (command.iter() != null || !iter.isEmpty()) {
      names.put("iter", iter);
    }
    return names;
  }

  /** Templates that the server has left, which are rendered whenever they are read. */
  private static @Nullable Object lazy(@Nullable Object value) {
    return switch (value) {
      case String text when Templates.isTemplate(text) -> new LazyText(text);
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> lazy = new LinkedHashMap<>();
        map.forEach((name, item) -> lazy.put(String.valueOf(name), lazy(item)));
        yield lazy;
      }
      case List<?> items -> {
        List<@Nullable Object> lazy = new ArrayList<>();
        items.forEach(item -> lazy.add(lazy(item)));
        yield lazy;
      }
      case null, default -> value;
    };
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return value instanceof TemplateObject object ? object.plain() : value;
  }
}
