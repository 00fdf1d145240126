package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Field;
import io.noetl.playbook.YamlNode.Fields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one entry of {@code workflow}. */
final class StepReader {
  private static final Set<String> KEYS =
      Set.of(
          "step",
          "desc",
          "description",
          "spec",
          "input",
          "loop",
          "tool",
          "set",
          "next",
          "output",
          "output_select",
          "when",
          "args",
          "vars",
          "retry",
          "set_ctx",
          "set_iter",
          "case");

  private final StepReport report;
  private final WorkbookReader workbook;
  private final Set<String> steps;

  /**
   * @param steps names of all steps of the playbook
   */
  StepReader(StepReport report, WorkbookReader workbook, Set<String> steps) {
    this.report = report;
    this.workbook = workbook;
    this.steps = steps;
  }

  /** The step, or null after an error was reported. */
  @Nullable Step read(Fields step) {
    checkKeys(step);
    StepOptionsReader options = new StepOptionsReader(report, step);
    Object when = report.guard(step.get("when"), "when");
    if (when != null) {
      report.warn(
          "step.when",
          step.key("when"),
          "when",
          "'when' of a step is an older spelling",
          "write spec: {policy: {admit: {rules: [{when: ..., then: {allow: true}},"
              + " {else: {then: {allow: false}}}]}}}");
    }
    List<Step.AdmitRule> admit = options.admit();
    Map<String, @Nullable Object> input = input(step);
    Loop loop = new LoopReader(report).read(step.get("loop"));
    Map<String, @Nullable Object> output = ToolReader.output(report, step, "");
    String onError = options.onErrorWord();
    ToolPart part = tool(step, onError, output);
    List<Mutation> set = MutationReader.step(report, step);
    Router router = new NextReader(report, steps, options.nextMode()).read(step.get("next"));
    StepOptions stepOptions = options.options(onError == null ? part.onError() : onError);
    if (part.tool() == null) {
      return null;
    }
    return new Step(
        report.step(),
        when,
        admit,
        stepOptions,
        input,
        loop,
        part.tool(),
        set,
        router,
        Collections.unmodifiableMap(output));
  }

  /** What the tool of a step contributes; {@code onError} is that of a single tool. */
  private record ToolPart(@Nullable Tool tool, @Nullable String onError) {}

  private ToolPart tool(
      Fields step, @Nullable String onError, Map<String, @Nullable Object> output) {
    YamlNode node = step.get("tool");
    if (node == null) {
      missingTool(step);
      return new ToolPart(null, null);
    }
    ToolShapes shapes = new ToolShapes(report, workbook);
    List<ToolShapes.Task> tasks = withPlainInput(step, shapes.read(node));
    Set<String> labels = new HashSet<>();
    for (ToolShapes.Task task : tasks) {
      labels.add(task.label() == null ? report.step() : task.label());
    }
    String toolOnError =
        shapes.isSequence() || tasks.isEmpty() ? null : ToolReader.onError(tasks.getFirst().tool());
    ToolReader reader =
        new ToolReader(report, labels, retry(step, onError == null ? toolOnError : onError));
    List<Tool.Task> read = new ArrayList<>();
    for (ToolShapes.Task task : tasks) {
      ToolSpec spec = reader.read(task.tool(), task.place(), shapes.isSequence());
      if (spec != null) {
        read.add(new Tool.Task(task.label() == null ? report.step() : task.label(), spec));
      }
    }
    output.putAll(ToolReader.mergedOutput(read));
    if (read.isEmpty()) {
      return new ToolPart(null, toolOnError);
    }
    return new ToolPart(
        shapes.isSequence() ? new Tool.Sequence(read) : new Tool.Single(read.getFirst().spec()),
        toolOnError);
  }

  /** An input of the step that is no map is that of each tool without its own. */
  private static List<ToolShapes.Task> withPlainInput(Fields step, List<ToolShapes.Task> tasks) {
    Field input = step.fields().get(step.has("input") ? "input" : "args");
    if (input == null || input.value().plain() == null || input.value() instanceof Fields) {
      return tasks;
    }
    List<ToolShapes.Task> result = new ArrayList<>();
    for (ToolShapes.Task task : tasks) {
      Map<String, Field> fields = new LinkedHashMap<>(task.tool().fields());
      fields.putIfAbsent("input", input);
      result.add(new ToolShapes.Task(task.label(), task.tool().with(fields), task.place()));
    }
    return result;
  }

  private void missingTool(Fields step) {
    String kind = step.text(step.has("type") ? "type" : "kind");
    report.error(
        "step.tool.missing",
        step.has("step") ? step.key("step") : step,
        "tool",
        "missing 'tool' field; every step needs a tool (use 'kind: noop' for pure routing)",
        kind == null
            ? "write tool: {kind: noop}"
            : "write tool: {kind: " + Diagnostics.clip(kind) + ", ...}");
  }

  private @Nullable Map<String, @Nullable Object> retry(Fields step, @Nullable String onError) {
    YamlNode node = step.get("retry");
    if (node != null) {
      report.warn(
          "step.retry",
          step.key("retry"),
          "retry",
          "'retry' of a step is an older spelling",
          "write it in the tool, or as a rule of tool.spec.policy with do: retry");
      return RetryReader.read(report, node, "retry");
    }
    return "retry".equals(onError) ? RetryReader.immediate() : null;
  }

  private Map<String, @Nullable Object> input(Fields step) {
    Field args = step.fields().get("args");
    if (args != null) {
      report.warn(
          "step.args", step.key("args"), "args", "'args' is an older spelling", "write 'input'");
    }
    Field input = ToolFields.merged(args, step.fields().get("input"));
    if (input == null || input.value().plain() == null) {
      return Map.of();
    }
    if (input.value() instanceof Fields map) {
      return map.plain();
    }
    return Map.of();
  }

  private void checkKeys(Fields step) {
    if (report.step().contains(".")) {
      report.warn(
          "step.name.dots",
          step.key("step"),
          "step",
          "templates cannot address a step whose name has a dot",
          "use _ instead");
    }
    if (step.has("case")) {
      report.error(
          "step.case",
          step.key("case"),
          "case",
          "'case' blocks are not allowed; use next.arcs[].when and spec.policy.rules",
          "write next: {arcs: [{step: name, when: \"{{ ... }}\"}]}");
    }
    for (String key : step.fields().keySet()) {
      if (!KEYS.contains(key)) {
        String near = report.suggestions().didYouMean(key, KEYS);
        report.warn(
            "step.key.ignored",
            step.key(key),
            key,
            "key '" + Diagnostics.clip(key) + "' has no effect here",
            hint(key, near));
      }
    }
  }

  private static @Nullable String hint(String key, @Nullable String near) {
    return switch (key) {
      case "type", "kind" -> "write it as tool: {kind: ...}";
      case "timeout", "timeout_seconds", "on_error" -> "write spec: {" + key + ": ...}";
      case "sink", "save" -> "store the value in a step of its own";
      case "assert" -> "guard the arcs with 'when'";
      case "iterator" -> "write loop: {in: ..., iterator: ...}";
      default -> near;
    };
  }
}
