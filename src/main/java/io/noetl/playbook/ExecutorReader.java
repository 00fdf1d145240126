package io.noetl.playbook;

import io.noetl.playbook.ExecutorOptions.FailureMode;
import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Scalar;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code executor} of the document. */
final class ExecutorReader {
  private final Diagnostics diagnostics;
  private final Suggestions suggestions;
  private final Collection<String> steps;

  /**
   * @param steps names of all steps of the playbook
   */
  ExecutorReader(Diagnostics diagnostics, Suggestions suggestions, Collection<String> steps) {
    this.diagnostics = diagnostics;
    this.suggestions = suggestions;
    this.steps = steps;
  }

  ExecutorOptions read(@Nullable YamlNode executor) {
    Fields spec = executor instanceof Fields map ? map.map("spec") : null;
    if (executor != null && !(executor instanceof Fields)) {
      diagnostics.warn(
          "executor.shape",
          executor,
          "executor",
          "executor must be a map and is ignored",
          "write executor: {spec: {...}}");
    }
    if (spec == null) {
      return ExecutorOptions.DEFAULT;
    }
    Fields policy = spec.map("policy");
    return new ExecutorOptions(
        step(spec, "entry_step"),
        step(spec, "final_step"),
        isTrue(spec.get("no_next_is_error")),
        timeout(policy == null ? null : policy.map("defaults")),
        failureMode(policy == null ? null : policy.map("failure")));
  }

  private @Nullable String step(Fields spec, String name) {
    YamlNode node = spec.get(name);
    if (node == null) {
      return null;
    }
    String step = node instanceof Scalar scalar ? scalar.text() : node.typeName();
    if (!steps.contains(step)) {
      diagnostics.error(
          "executor." + name.replace('_', '-'),
          Diagnostics.INVALID,
          node,
          "executor.spec." + name,
          "executor.spec." + name + " references unknown step '" + Diagnostics.clip(step) + "'",
          suggestions.didYouMean(step, steps));
    }
    return step;
  }

  private @Nullable Duration timeout(@Nullable Fields defaults) {
    YamlNode node = defaults == null ? null : defaults.get("timeout_s");
    Duration timeout = node == null ? null : Durations.parse(node.plain());
    if (node != null && timeout == null) {
      diagnostics.warn(
          "timeout.shape",
          node,
          "executor.spec.policy.defaults.timeout_s",
          "timeout_s is not a duration and is ignored",
          "write seconds, for example 30");
    }
    return timeout;
  }

  private static FailureMode failureMode(@Nullable Fields failure) {
    String mode = failure == null ? null : failure.text("mode");
    return switch (mode == null ? "" : mode.strip().toLowerCase(Locale.ROOT)) {
      case "fail_fast" -> FailureMode.FAIL_FAST;
      case "best_effort" -> FailureMode.BEST_EFFORT;
      default -> FailureMode.ROUTE;
    };
  }

  private static boolean isTrue(@Nullable YamlNode node) {
    return node instanceof Scalar scalar
        && (scalar.plain() instanceof Boolean value
            ? value
            : scalar.text().strip().equalsIgnoreCase("true"));
  }
}
