package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one tool, whose members have their canonical names, into a {@link ToolSpec}. */
final class ToolReader {
  private static final Set<String> NOT_FIELDS =
      Set.of(
          "kind",
          "name",
          "label",
          "desc",
          "description",
          "spec",
          "set",
          "set_ctx",
          "set_iter",
          "eval",
          "input",
          "retry",
          "output",
          "output_select");

  /** Text with braces is no template there, when it is none. */
  private static final Set<String> VERBATIM = Set.of("code", "code_b64", "code_base64", "kind");

  private final StepReport report;
  private final Set<String> labels;
  private final @Nullable Map<String, @Nullable Object> stepRetry;

  /**
   * @param labels tasks of the step that a jump may name
   * @param stepRetry normal form of a retry of the step, for tools without their own
   */
  ToolReader(
      StepReport report, Set<String> labels, @Nullable Map<String, @Nullable Object> stepRetry) {
    this.report = report;
    this.labels = labels;
    this.stepRetry = stepRetry;
  }

  /**
   * The tool, or null after an error was reported.
   *
   * @param inSequence whether its {@code on_error} has a meaning of its own
   */
  @Nullable ToolSpec read(Fields tool, String place, boolean inSequence) {
    ToolKind kind = kind(tool, place);
    Map<String, @Nullable Object> source = new LinkedHashMap<>();
    source.put("kind", kind == null ? "" : kind.word());
    tool.plain()
        .forEach(
            (key, value) -> {
              boolean objectName = kind == ToolKind.NATS && key.equals("name");
              if (objectName || !NOT_FIELDS.contains(key)) {
                source.put(key, value);
              }
            });
    tool.fields()
        .forEach(
            (key, field) -> {
              if (key.equals("input") || !NOT_FIELDS.contains(key) && !VERBATIM.contains(key)) {
                report.laterTemplates(field.value(), place + "." + key);
              }
            });
    Object input = tool.plain().get("input");
    if (input != null) {
      source.put("input", input);
    }
    List<Mutation> set = MutationReader.task(report, tool, place);
    if (!set.isEmpty()) {
      source.put("set", ToolParser.mutations(set));
    }
    Map<String, @Nullable Object> output = output(report, tool, place);
    if (!output.isEmpty()) {
      source.put("output", output);
    }
    Map<String, @Nullable Object> spec = spec(tool, place, inSequence);
    if (!spec.isEmpty()) {
      source.put("spec", spec);
    }
    Map<String, @Nullable Object> retry =
        retry(tool, place, inSequence, policyRetries(spec.get("policy")));
    if (retry != null) {
      source.put("retry", retry);
    }
    if (kind == ToolKind.WAIT) {
      alone(source, tool, place, inSequence);
    }
    return kind == null ? null : ToolParser.parse(source);
  }

  /** What waits holds no worker, so nothing that a worker evaluates can stand beside it. */
  private void alone(
      Map<String, @Nullable Object> source, Fields tool, String place, boolean inSequence) {
    if (inSequence) {
      report.error(
          "tool.wait.sequence",
          tool,
          place,
          place + ": kind 'wait' cannot be a task of a sequence",
          "give it a step of its own");
      return;
    }
    List<String> others = new ArrayList<>();
    if (source.containsKey("retry")) {
      others.add("retry");
    }
    if (source.containsKey("set")) {
      others.add("set");
    }
    if (source.get("spec") instanceof Map<?, ?> spec && spec.containsKey("policy")) {
      others.add("policy");
    }
    for (String other : others) {
      report.error(
          "tool.wait.alone",
          tool,
          place,
          place + ": kind 'wait' has no " + other,
          "the step may have set, next and spec.timeout");
    }
  }

  /** The storage options of a step or a tool in one form; empty = none. */
  static Map<String, @Nullable Object> output(StepReport report, Fields owner, String place) {
    Map<String, @Nullable Object> output = new LinkedHashMap<>();
    YamlNode node = owner.get("output");
    String at = place.isEmpty() ? "output" : place + ".output";
    if (node instanceof Fields map) {
      output.putAll(map.plain());
    } else if (node != null) {
      report.warn(
          "output.shape",
          node,
          at,
          "'output' must be a map and is ignored",
          "write output: {select: [...]}");
    }
    Object inner = output.remove("output_select");
    Object outer = owner.plain().get("output_select");
    for (Object select : new Object[] {inner, outer}) {
      if (select instanceof List<?>) {
        output.putIfAbsent("select", select);
      }
    }
    return output;
  }

  private @Nullable ToolKind kind(Fields tool, String place) {
    YamlNode node = tool.get("kind");
    if (!(node instanceof Scalar scalar) || !(scalar.plain() instanceof String word)) {
      report.error(
          "tool.kind.missing",
          node == null ? tool : node,
          place + ".kind",
          node == null ? place + ": missing 'kind'" : place + ": 'kind' must be text",
          "write kind: http, python, postgres, shell, noop, ...");
      return null;
    }
    Optional<ToolKind> kind = ToolKind.of(word.strip());
    if (kind.isEmpty()) {
      List<String> words = new ArrayList<>();
      for (ToolKind known : ToolKind.values()) {
        words.add(known.word());
      }
      String near = report.suggestions().didYouMean(word.toLowerCase(Locale.ROOT), words);
      report.error(
          "tool.kind.unknown",
          scalar,
          place + ".kind",
          "unknown tool kind '" + Diagnostics.clip(word) + "'",
          near == null ? "kinds are " + String.join(", ", words) : near);
    } else if (!kind.get().executable()) {
      report.warn(
          "tool.kind.unavailable",
          scalar,
          place + ".kind",
          "tool kind '" + kind.get().word() + "' is not available and fails when it is reached",
          null);
    }
    return kind.orElse(null);
  }

  private Map<String, @Nullable Object> spec(Fields tool, String place, boolean inSequence) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    YamlNode node = tool.get("spec");
    String at = place + ".spec";
    Fields spec = node instanceof Fields map ? map : null;
    if (node != null && spec == null) {
      report.warn("tool.spec.shape", node, at, at + " must be a map and is ignored", null);
    }
    if (spec != null) {
      Duration timeout = StepOptionsReader.duration(report, spec.get("timeout"), at + ".timeout");
      if (timeout != null) {
        result.put("timeout", Durations.seconds(timeout));
      }
    }
    PolicyReader policies = new PolicyReader(report, labels);
    Map<String, @Nullable Object> policy =
        policies.read(spec == null ? null : spec.get("policy"), at + ".policy");
    Map<String, @Nullable Object> eval = policies.readEval(tool.get("eval"), place + ".eval");
    boolean hasRules = policy != null && policy.containsKey("rules");
    if (eval != null && !hasRules) {
      if (policy != null) {
        eval.putAll(policy);
      }
      policy = eval;
    }
    if (inSequence && "continue".equals(onError(tool))) {
      policy = policy == null ? new LinkedHashMap<>() : policy;
      policy.putIfAbsent("on_unmatched", "continue");
    }
    if (policy != null) {
      result.put("policy", policy);
    }
    return result;
  }

  private @Nullable Map<String, @Nullable Object> retry(
      Fields tool, String place, boolean inSequence, boolean policyRetries) {
    YamlNode own = tool.get("retry");
    Map<String, @Nullable Object> retry =
        own == null ? stepRetry : RetryReader.read(report, own, place + ".retry");
    if (own == null && inSequence && "retry".equals(onError(tool))) {
      retry = RetryReader.immediate();
    }
    if (retry != null && policyRetries) {
      report.warn(
          "retry.ignored",
          own == null ? tool : own,
          place + ".retry",
          "'retry' is ignored, because the policy has a rule that retries",
          "keep one of the two");
      return null;
    }
    return retry;
  }

  /** The word of {@code spec.on_error} of a tool, or null. */
  static @Nullable String onError(Fields tool) {
    Fields spec = tool.map("spec");
    String word = spec == null ? null : spec.text("on_error");
    return word == null ? null : word.strip().toLowerCase(Locale.ROOT);
  }

  private static boolean policyRetries(@Nullable Object policy) {
    return policy instanceof Map<?, ?> map
        && map.get("rules") instanceof List<?> rules
        && rules.stream()
            .anyMatch(
                rule ->
                    rule instanceof Map<?, ?> members
                        && members.get("then") instanceof Map<?, ?> then
                        && "retry".equals(then.get("do")));
  }

  /** Storage options of several tasks as one: later ones win, selections add up. */
  static Map<String, @Nullable Object> mergedOutput(List<Tool.Task> tasks) {
    Map<String, @Nullable Object> merged = new LinkedHashMap<>();
    List<@Nullable Object> selected = new ArrayList<>();
    for (Tool.Task task : tasks) {
      if (task.spec().source().get("output") instanceof Map<?, ?> options) {
        options.forEach((key, value) -> merged.put(String.valueOf(key), value));
        if (options.get("select") instanceof List<?> entries) {
          selected.addAll(entries);
        }
      }
    }
    if (!selected.isEmpty()) {
      merged.put("select", selected);
    }
    return merged;
  }
}
