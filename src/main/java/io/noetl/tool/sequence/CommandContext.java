package io.noetl.tool.sequence;

import io.noetl.json.Json;
import io.noetl.playbook.Durations;
import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolParser;
import io.noetl.playbook.value.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The document of a command, as a worker receives it. As JSON:
 *
 * <pre>
 * {tool: normal form of one tool, unrendered,          either
 *  rendered: {field: value},                           only beside tool
 *  tasks: [{label, tool: normal form}],                or
 *  input: effective input (single) or step input (sequence), rendered,
 *  deferred?: [name of a member of input],
 *  names?: {name: value}, iter?: {...}, workload?: {...}, ctx?: {...},
 *  steps?: {name: outcome},
 *  arrived?: outcome of the arc's source, when what is left to the worker reads it,
 *  output?: storage options of the step,
 *  timeout_seconds?: number,
 *  retype_strings?: false,
 *  environment: {execution_id, catalog_id, path, version, parent_execution_id}}
 * </pre>
 *
 * @param work what to run; all text in it is as its author wrote it
 * @param rendered the fields of a single tool that the server has rendered; text that refers to
 *     {@code keychain} is left raw there
 * @param input what was made of {@code input}; usually a map
 * @param deferred members of {@code input} that are still templates, since only a worker may
 *     resolve what they read; every other text in it is data and must not be rendered
 * @param names plain names of the dispatch that are in no other member, for example those of a loop
 *     or {@code output} of the arc's source
 * @param iter the iteration map; null outside loops
 * @param workload the part of the workload that the work mentions, rendered
 * @param ctx the ctx variables that the work mentions
 * @param steps outcomes of finished steps that the work mentions
 * @param arrived outcome of the arc's source, when text that is left to the worker reads it; else
 *     null
 * @param timeout limit of the whole command; null = none
 * @param environment names of the execution
 * @param retypeStrings whether text results of single expressions are typed; a setting of the
 *     execution
 */
public record CommandContext(
    Tool work,
    Map<String, @Nullable Object> rendered,
    @Nullable Object input,
    List<String> deferred,
    Map<String, @Nullable Object> names,
    @Nullable Map<String, @Nullable Object> iter,
    Map<String, @Nullable Object> workload,
    Map<String, @Nullable Object> ctx,
    Map<String, Outcome> steps,
    @Nullable Outcome arrived,
    @Nullable Duration timeout,
    Map<String, @Nullable Object> environment,
    boolean retypeStrings) {

  /**
   * @throws IllegalArgumentException when the document is not of this form; the message names the
   *     member
   */
  public static CommandContext fromMap(Map<String, @Nullable Object> map) {
    Map<String, Outcome> steps = new LinkedHashMap<>();
    object(map, "steps")
        .forEach((name, outcome) -> steps.put(name, Outcome.fromMap(object(outcome, "steps"))));
    Object seconds = map.get("timeout_seconds");
    Duration timeout = seconds == null ? null : Durations.parse(seconds);
    if (seconds != null && timeout == null) {
      throw expected("timeout_seconds", "a number of seconds", seconds);
    }
    return new CommandContext(
        work(map),
        object(map, "rendered"),
        map.get("input"),
        texts(map, "deferred"),
        object(map, "names"),
        map.get("iter") == null ? null : object(map, "iter"),
        object(map, "workload"),
        object(map, "ctx"),
        steps,
        map.get("arrived") == null ? null : Outcome.fromMap(object(map, "arrived")),
        timeout,
        object(map, "environment"),
        !Boolean.FALSE.equals(map.get("retype_strings")));
  }

  /** The document; {@link #fromMap} reads it back. Parts without content are left out. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    switch (work) {
      case Tool.Single single -> {
        map.put("tool", single.spec().source());
        map.put("rendered", rendered);
      }
      case Tool.Sequence sequence -> {
        List<Object> tasks = new ArrayList<>();
        for (Tool.Task task : sequence.tasks()) {
          tasks.add(Map.of("label", task.label(), "tool", task.spec().source()));
        }
        map.put("tasks", tasks);
      }
    }
    map.put("input", input);
    if (!deferred.isEmpty()) {
      map.put("deferred", deferred);
    }
    putUnlessEmpty(map, "names", names);
    if (iter != null) {
      map.put("iter", iter);
    }
    putUnlessEmpty(map, "workload", workload);
    putUnlessEmpty(map, "ctx", ctx);
    Map<String, @Nullable Object> outcomes = new LinkedHashMap<>();
    steps.forEach((name, outcome) -> outcomes.put(name, outcome.toMap()));
    putUnlessEmpty(map, "steps", outcomes);
    if (arrived != null) {
      map.put("arrived", arrived.toMap());
    }
    if (timeout != null) {
      map.put("timeout_seconds", Durations.seconds(timeout));
    }
    if (!retypeStrings) {
      map.put("retype_strings", false);
    }
    map.put("environment", environment);
    return map;
  }

  private static List<String> texts(Map<String, @Nullable Object> map, String name) {
    return switch (map.get(name)) {
      case null -> List.of();
      case List<?> items -> items.stream().map(String::valueOf).toList();
      default -> throw expected(name, "a list of names", map.get(name));
    };
  }

  private static Tool work(Map<String, @Nullable Object> map) {
    if (map.get("tool") != null) {
      return new Tool.Single(ToolParser.parse(object(map, "tool")));
    }
    if (!(map.get("tasks") instanceof List<?> items)) {
      throw expected("tool or tasks", "a tool or a list of tasks", map.get("tasks"));
    }
    List<Tool.Task> tasks = new ArrayList<>();
    for (Object item : items) {
      Map<String, @Nullable Object> task = object(item, "tasks[]");
      tasks.add(
          new Tool.Task(String.valueOf(task.get("label")), ToolParser.parse(object(task, "tool"))));
    }
    return new Tool.Sequence(tasks);
  }

  private static void putUnlessEmpty(
      Map<String, @Nullable Object> map, String name, Map<String, @Nullable Object> value) {
    if (!value.isEmpty()) {
      map.put(name, value);
    }
  }

  private static Map<String, @Nullable Object> object(
      Map<String, @Nullable Object> map, String name) {
    Object value = map.get(name);
    return value == null ? Map.of() : object(value, name);
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static Map<String, @Nullable Object> object(@Nullable Object value, String name) {
    if (value instanceof Map<?, ?> object) {
      return (Map<String, @Nullable Object>) object;
    }
    throw expected(name, "an object", value);
  }

  private static IllegalArgumentException expected(
      String name, String what, @Nullable Object value) {
    return new IllegalArgumentException(
        "Expected command.context."
            + name
            + " to be "
            + what
            + ", but it is "
            + Json.typeName(value));
  }
}
