package io.noetl.tool.sequence;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.scope.FieldRenderer;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.template.Templates;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolCall.Aside;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.ToolCall.LineLog;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Renders tasks into tool calls. Stateless. */
final class TaskCalls {
  /** Names that the server cannot know when it renders a single tool. */
  private static final Set<String> WORKER_NAMES =
      Set.of(
          "keychain",
          "step",
          "server_url",
          "worker_id",
          "command_id",
          "action",
          "node_name",
          "_task",
          "_attempt");

  private static final Set<String> LOOP_NAMES = Set.of("_index", "_total", "loop_index");

  /** Code without these words can read no name of the dispatch context. */
  private static final Pattern READS_CONTEXT =
      Pattern.compile(
          "\\b(context|variables|workload|ctx|iter|main|globals|locals|vars|eval|exec)\\b");

  private final Templates templates;
  private final FieldRenderer renderer;

  TaskCalls(Templates templates) {
    this.templates = templates;
    this.renderer = new FieldRenderer(templates);
  }

  /** What all calls of one command share. */
  record Frame(
      CommandContext command,
      RunningContext running,
      Identity identity,
      LineLog log,
      @Nullable Aside aside) {
    Frame at(int run) {
      return new Frame(command, running, identity.at(run), log, aside);
    }
  }

  /**
   * The call of a single tool: what the server has rendered, and anew what mentions a name that the
   * server did not know or that the command has written since.
   *
   * @throws TemplateException when a field cannot be rendered
   */
  ToolCall single(Frame frame, ToolSpec spec, Scope names, @Nullable Duration limit) {
    CommandContext command = frame.command();
    if (frame.aside() != null && !frame.aside().earlier().isEmpty()) {
      return call(frame, spec, Map.of(), null, limit);
    }
    Set<String> changed = new HashSet<>(frame.running().changed());
    changed.addAll(command.deferred());
    Object input = command.input();
    Scope inner = names;
    if (input instanceof Map<?, ?> dispatched) {
      Map<String, @Nullable Object> current = resolved(command, dispatched, names);
      if (spec.input() instanceof Map<?, ?> raw) {
        raw.forEach(
            (name, value) -> {
              if (mentions(value, changed)) {
                current.put(String.valueOf(name), rendered("input." + name, value, names));
              }
            });
      }
      input = current;
      inner = names.with(current);
    }
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(command.rendered());
    Map<String, @Nullable Object> late = new LinkedHashMap<>();
    spec.fields()
        .forEach(
            (name, value) -> {
              if (!fields.containsKey(name) || mentions(value, changed)) {
                late.put(name, value);
              }
            });
    fields.putAll(renderer.render(withFields(spec, late), inner, false));
    return call(frame, spec, fields, input, limit);
  }

  /**
   * The call of a task of a sequence.
   *
   * @throws TemplateException when a field cannot be rendered
   */
  ToolCall task(Frame frame, ToolSpec spec, Scope names, @Nullable Duration limit) {
    Object stepInput = frame.command().input();
    Object input;
    Scope inner = names;
    if (spec.input() == null) {
      input =
          switch (stepInput) {
            case null -> Map.of();
            case Map<?, ?> map -> resolved(frame.command(), map, names);
            default -> stepInput;
          };
    } else if (spec.input() instanceof Map<?, ?> raw) {
      Map<String, @Nullable Object> merged =
          stepInput instanceof Map<?, ?> map
              ? resolved(frame.command(), map, names)
              : new LinkedHashMap<>();
      raw.forEach(
          (name, value) ->
              merged.put(String.valueOf(name), rendered("input." + name, value, names)));
      input = merged;
    } else {
      input = rendered("input", spec.input(), names);
    }
    if (input instanceof Map<?, ?> map) {
      inner = names.with(strings(map));
    }
    return call(frame, spec, renderer.render(spec, inner, false), input, limit);
  }

  private static ToolCall call(
      Frame frame,
      ToolSpec spec,
      Map<String, @Nullable Object> fields,
      @Nullable Object input,
      @Nullable Duration limit) {
    boolean python = spec.kind() == ToolKind.PYTHON;
    return new ToolCall(
        spec.kind(),
        fields,
        python ? withLoopNames(frame.command(), input) : input,
        frame.identity(),
        python && readsContext(fields) ? frame.running().plainNames() : Map.of(),
        limit,
        frame.log(),
        frame.aside());
  }

  private static boolean readsContext(Map<String, @Nullable Object> fields) {
    // Encoded or fetched code may read anything.
    return !(fields.get("code") instanceof String code) || READS_CONTEXT.matcher(code).find();
  }

  /** Code in a loop finds the item and its place as globals unless its author defined them. */
  private static @Nullable Object withLoopNames(CommandContext command, @Nullable Object input) {
    Map<String, @Nullable Object> iter = command.iter();
    if (iter == null || (input != null && !(input instanceof Map<?, ?>))) {
      return input;
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    command
        .names()
        .forEach(
            (name, value) -> {
              if (LOOP_NAMES.contains(name) || iter.containsKey(name)) {
                all.put(name, value);
              }
            });
    if (input instanceof Map<?, ?> own) {
      all.putAll(strings(own));
    }
    return all;
  }

  /** The input with what the server has left to the worker. */
  private Map<String, @Nullable Object> resolved(
      CommandContext command, Map<?, ?> input, Scope names) {
    Map<String, @Nullable Object> resolved = strings(input);
    for (String name : command.deferred()) {
      resolved.computeIfPresent(name, (_, value) -> rendered("input." + name, value, names));
    }
    return resolved;
  }

  private @Nullable Object rendered(String place, @Nullable Object value, Scope scope) {
    try {
      return templates.render(value, scope);
    } catch (TemplateException e) {
      throw new TemplateException(place + ": " + e.getMessage());
    }
  }

  private static boolean mentions(@Nullable Object raw, Set<String> changed) {
    for (String word : Templates.words(raw)) {
      if (WORKER_NAMES.contains(word) || changed.contains(word)) {
        return true;
      }
    }
    return false;
  }

  private static ToolSpec withFields(ToolSpec spec, Map<String, @Nullable Object> fields) {
    return new ToolSpec(
        spec.kind(),
        fields,
        spec.input(),
        spec.policy(),
        spec.set(),
        spec.timeout(),
        spec.retry(),
        spec.source());
  }

  private static Map<String, @Nullable Object> strings(Map<?, ?> map) {
    Map<String, @Nullable Object> strings = new LinkedHashMap<>();
    map.forEach((name, value) -> strings.put(String.valueOf(name), value));
    return strings;
  }
}
