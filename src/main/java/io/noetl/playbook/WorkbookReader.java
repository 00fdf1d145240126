package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Field;
import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The reusable tools of a playbook, and their substitution for references of kind workbook. */
final class WorkbookReader {
  private static final Set<String> NOT_LAID_OVER =
      Set.of("kind", "name", "task", "label", "input", "desc", "description");

  /** References from entry to entry that are followed. */
  private static final int MAX_CHAIN = 16;

  private final Map<String, YamlNode> tools = new LinkedHashMap<>();
  private final String available;

  /** Reads the entries; a malformed one only matters to who refers to it, so it is a warning. */
  WorkbookReader(@Nullable YamlNode workbook, Diagnostics diagnostics) {
    List<YamlNode> entries = List.of();
    if (workbook instanceof Items list) {
      entries = list.items();
    } else if (workbook != null) {
      diagnostics.error(
          "workbook.shape",
          Diagnostics.INVALID,
          workbook,
          "workbook",
          "workbook must be a list, but is " + workbook.typeName(),
          "write workbook: [{name: x, tool: {kind: ...}}]");
    }
    for (int i = 0; i < entries.size(); i++) {
      Fields entry = entries.get(i) instanceof Fields map ? map : null;
      String name = entry == null ? null : entry.text("name");
      YamlNode tool = entry == null ? null : entry.get("tool");
      if (name == null || tool == null) {
        diagnostics.warn(
            "workbook.entry",
            entries.get(i),
            "workbook[" + i + "]",
            "workbook[" + i + "] needs 'name' and 'tool' and is ignored",
            "write {name: x, tool: {kind: ...}}");
      } else if (tools.putIfAbsent(name, tool) != null) {
        diagnostics.warn(
            "workbook.duplicate",
            entries.get(i),
            "workbook[" + i + "]",
            "workbook[" + i + "]: '" + Diagnostics.clip(name) + "' exists already and is ignored",
            "give it another name");
      }
    }
    available = Diagnostics.clip(tools.keySet().toString());
  }

  /**
   * The tool that a reference means: a map with canonical names, or a list of tasks as written.
   *
   * @param reference a tool of kind workbook, with canonical names
   * @return null after an error was reported
   */
  @Nullable YamlNode resolve(StepReport report, Fields reference, String place) {
    Set<String> seen = new LinkedHashSet<>();
    YamlNode tool = reference;
    while (tool instanceof Fields map && isReference(map)) {
      String name = map.text(map.get("name") == null ? "task" : "name");
      YamlNode entry = name == null ? null : tools.get(name);
      if (name == null || entry == null || seen.size() == MAX_CHAIN || !seen.add(name)) {
        reportBroken(report, map, place, name, entry != null);
        return null;
      }
      if (!report.expand(entry, reference, place)) {
        return null;
      }
      tool = lay(report, map, entry, place);
    }
    return tool;
  }

  static boolean isReference(Fields tool) {
    String kind = tool.text("kind");
    return kind != null && kind.strip().equalsIgnoreCase("workbook");
  }

  private void reportBroken(
      StepReport report, Fields reference, String place, @Nullable String name, boolean known) {
    YamlNode at = name == null ? reference : reference.key("name");
    String shown = name == null ? "(missing)" : Diagnostics.clip(name);
    String detail =
        known
            ? "workbook action '" + shown + "' refers to itself, or over too many others"
            : "workbook action '"
                + shown
                + "' not found in workbook (available: "
                + available
                + ")";
    String near = name == null ? null : report.suggestions().didYouMean(name, tools.keySet());
    report.error("workbook.unknown", at, place, detail, near);
  }

  /** The entry with the reference laid over it. */
  private static YamlNode lay(StepReport report, Fields reference, YamlNode entry, String place) {
    return switch (entry) {
      case Fields tool -> {
        Fields under = ToolFields.canonical(report, tool, place);
        Map<String, Field> fields = new LinkedHashMap<>(under.fields());
        reference
            .fields()
            .forEach(
                (key, field) -> {
                  if (!NOT_LAID_OVER.contains(key)) {
                    fields.put(key, field);
                  }
                });
        Field input = ToolFields.merged(fields.get("input"), reference.fields().get("input"));
        if (input != null) {
          fields.put("input", input);
        }
        yield tool.with(fields);
      }
      case Items list -> withInput(report, list, reference.fields().get("input"), place);
      case YamlNode.Scalar scalar -> scalar;
    };
  }

  /** A list keeps its tasks; only the input of the reference can be meant for all of them. */
  private static Items withInput(
      StepReport report, Items list, @Nullable Field input, String place) {
    List<YamlNode> tasks = new ArrayList<>();
    for (YamlNode task : list.items()) {
      if (input != null && !report.expand(input.value(), input.value(), place)) {
        return list;
      }
      tasks.add(ToolShapes.withInput(task, input));
    }
    return Items.of(list.line(), list.column(), tasks);
  }
}
