package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Field;
import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import io.noetl.playbook.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds which of the four shapes the tool of a step has, and brings it to one list of labelled
 * tools; references into the workbook are replaced on the way.
 */
final class ToolShapes {
  private static final Set<String> RESERVED =
      Set.of("_prev", "output", "ctx", "iter", "workload", "results");
  private static final String SHAPE_HINT =
      "write tool: {kind: http, ...} or tool: [{name: fetch, kind: http, ...}]";

  private final StepReport report;
  private final WorkbookReader workbook;
  private final List<Task> tasks = new ArrayList<>();
  private boolean sequence;

  ToolShapes(StepReport report, WorkbookReader workbook) {
    this.report = report;
    this.workbook = workbook;
  }

  /**
   * One tool of a step.
   *
   * @param label what jumps call it; null for a single tool without a name
   * @param tool its members with canonical names
   * @param place below the step, for example {@code tool[1]}
   */
  record Task(@Nullable String label, Fields tool, String place) {}

  /** Whether the tool is list-shaped; valid after {@link #read}. */
  boolean isSequence() {
    return sequence;
  }

  /** The tools of the step; what is wrong with their shape is reported and left out. */
  List<Task> read(YamlNode node) {
    switch (node) {
      case Items list -> list(list, "tool", null);
      case Scalar scalar ->
          shapeError(
              "tool.shape",
              scalar,
              "tool",
              "tool must be a map or a list of tasks, but is " + scalar.typeName());
      case Fields map when map.has("kind") || hoistedKind(map) -> single(map);
      case Fields map -> labelledMap(map);
    }
    return List.copyOf(tasks);
  }

  private void single(Fields map) {
    Fields tool = ToolFields.canonical(report, map, "tool");
    if (isKind(tool, "task_sequence")) {
      explicitSequence(tool);
      return;
    }
    if (!WorkbookReader.isReference(tool)) {
      tasks.add(new Task(label(map), tool, "tool"));
      return;
    }
    YamlNode resolved = workbook.resolve(report, tool, "tool");
    switch (resolved) {
      case null -> {}
      case Items list -> list(list, "tool", null);
      case Fields other when isKind(other, "task_sequence") -> explicitSequence(other);
      case Fields other -> tasks.add(new Task(label(map), other, "tool"));
      case Scalar scalar -> read(scalar);
    }
  }

  private void explicitSequence(Fields tool) {
    YamlNode list = tool.get("tasks");
    Field input = tool.fields().get("input");
    switch (list) {
      case Items items -> list(items, "tool.tasks", input);
      case Fields map -> list(oneTaskPerLabel(map), "tool.tasks", input);
      case null ->
          shapeError(
              "tool.empty", tool, "tool.tasks", "tool of kind 'task_sequence' needs 'tasks'");
      case Scalar scalar ->
          shapeError(
              "tool.shape",
              scalar,
              "tool.tasks",
              "tool.tasks must be a list, but is " + scalar.typeName());
    }
  }

  private void labelledMap(Fields map) {
    boolean allTools =
        !map.fields().isEmpty()
            && map.fields().values().stream()
                .allMatch(field -> field.value() instanceof Fields inner && inner.has("kind"));
    if (!allTools) {
      shapeError("tool.kind.missing", map, "tool", "tool: missing 'kind'");
    } else if (map.fields().size() > 1) {
      report.error(
          "tool.label.many",
          map,
          "tool",
          "tool: a labelled task must have exactly one label, but has "
              + Diagnostics.clip(map.fields().keySet().toString()),
          "write a list: tool: [{first: {kind: ...}}, {second: {kind: ...}}]");
    } else {
      list(Items.of(map.line(), map.column(), List.of(map)), "tool", null);
    }
  }

  private static Items oneTaskPerLabel(Fields map) {
    List<YamlNode> items = new ArrayList<>();
    map.fields()
        .forEach(
            (label, field) -> {
              Map<String, Field> one = new LinkedHashMap<>();
              one.put(label, field);
              items.add(Fields.of(field.keyLine(), field.keyColumn(), one));
            });
    return Items.of(map.line(), map.column(), items);
  }

  private void list(Items list, String place, @Nullable Field input) {
    sequence = true;
    if (list.items().isEmpty()) {
      report.error(
          "tool.empty", list, place, place + " list must have at least one task", SHAPE_HINT);
    }
    Set<String> labels = new HashSet<>();
    for (int i = 0; i < list.items().size(); i++) {
      if (input != null && !report.expand(input.value(), list, place)) {
        return;
      }
      Task task = task(withInput(list.items().get(i), input), i, place + "[" + i + "]");
      if (task == null || task.label() == null) {
        continue;
      }
      checkLabel(task.label(), labels, list.items().get(i), task.place());
      Task resolved = resolve(task);
      if (resolved != null) {
        tasks.add(resolved);
      }
    }
  }

  /** The task with more input under its own; through a label if it has one. */
  static YamlNode withInput(YamlNode item, @Nullable Field input) {
    if (input == null || !(item instanceof Fields map)) {
      return item;
    }
    Map<String, Field> fields = new LinkedHashMap<>(map.fields());
    if (!map.has("kind") && fields.size() == 1) {
      fields.replaceAll(
          (label, field) ->
              new Field(field.keyLine(), field.keyColumn(), withInput(field.value(), input)));
    } else {
      Field own = ToolFields.merged(fields.remove("args"), fields.get("input"));
      Field all = ToolFields.merged(input, own);
      if (all != null) {
        fields.put("input", all);
      }
    }
    return map.with(fields);
  }

  private @Nullable Task task(YamlNode item, int index, String place) {
    if (!(item instanceof Fields map)) {
      shapeError(
          "tool.item.shape", item, place, place + " must be a map, but is " + item.typeName());
      return null;
    }
    if (map.has("kind") || hoistedKind(map)) {
      String label = label(map);
      return new Task(label == null ? "task_" + index : label, map, place);
    }
    if (map.fields().size() == 1) {
      Map.Entry<String, Field> only = map.fields().entrySet().iterator().next();
      if (only.getValue().value() instanceof Fields tool) {
        return new Task(only.getKey(), tool, place + "." + Diagnostics.clip(only.getKey()));
      }
    }
    boolean labels =
        map.fields().size() > 1
            && map.fields().values().stream().allMatch(f -> f.value() instanceof Fields);
    if (labels) {
      report.error(
          "tool.label.many",
          map,
          place,
          place
              + ": a labelled task must have exactly one label, but has "
              + Diagnostics.clip(map.fields().keySet().toString()),
          "make one list item of each");
    } else {
      shapeError("tool.kind.missing", map, place, place + ": missing 'kind'");
    }
    return null;
  }

  private @Nullable Task resolve(Task task) {
    Fields tool = ToolFields.canonical(report, task.tool(), task.place());
    YamlNode resolved =
        WorkbookReader.isReference(tool) ? workbook.resolve(report, tool, task.place()) : tool;
    if (resolved == null) {
      return null;
    }
    if (!(resolved instanceof Fields other) || isKind(other, "task_sequence")) {
      report.error(
          "tool.nested",
          task.tool(),
          task.place(),
          task.place() + ": a sequence cannot be a task of a sequence",
          "list its tasks here");
      return null;
    }
    return new Task(task.label(), other, task.place());
  }

  private void checkLabel(String label, Set<String> labels, YamlNode at, String place) {
    if (RESERVED.contains(label)) {
      report.error(
          "tool.label.reserved",
          at,
          place,
          "task label '" + label + "' is reserved",
          "choose a name other than " + String.join(", ", RESERVED.stream().sorted().toList()));
    }
    if (!labels.add(label)) {
      report.error(
          "tool.label.duplicate",
          at,
          place,
          "duplicate task label '" + Diagnostics.clip(label) + "'",
          "give each task of a step its own name");
    }
  }

  private void shapeError(String rule, YamlNode at, String place, String detail) {
    report.error(rule, at, place, detail, SHAPE_HINT);
  }

  private static @Nullable String label(Fields tool) {
    String label = tool.text("label");
    String name = label == null || label.isBlank() ? tool.text("name") : label;
    return name == null || name.isBlank() ? null : name;
  }

  private static boolean isKind(Fields tool, String kind) {
    String word = tool.text("kind");
    return word != null && word.strip().equalsIgnoreCase(kind);
  }

  /** Whether {@code kind} stands inside {@code spec}, from where it is copied up. */
  private static boolean hoistedKind(Fields tool) {
    Fields spec = tool.map("spec");
    return spec != null && spec.get("kind") instanceof Scalar && tool.fields().size() > 1;
  }
}
