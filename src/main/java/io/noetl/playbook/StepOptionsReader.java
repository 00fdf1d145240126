package io.noetl.playbook;

import io.noetl.playbook.StepOptions.OnError;
import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import io.noetl.playbook.YamlNode.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code spec} of a step: time limit, meaning of errors, admission. */
final class StepOptionsReader {
  private final StepReport report;
  private final @Nullable Fields spec;

  StepOptionsReader(StepReport report, Fields step) {
    this.report = report;
    this.spec = step.map("spec");
    YamlNode node = step.get("spec");
    if (node != null && spec == null) {
      report.warn("step.spec.shape", node, "spec", "spec must be a map and is ignored", null);
    }
    if (policy() != null && policy().has("rules")) {
      report.warn(
          "step.policy.rules",
          policy().key("rules"),
          "spec.policy.rules",
          "rules under the step have no effect",
          "move them to tool.spec.policy.rules");
    }
  }

  /** The word of {@code on_error}, also from {@code policy.failure.mode}; null = none. */
  @Nullable String onErrorWord() {
    Fields owner = spec;
    if (owner == null) {
      return null;
    }
    String word = owner.text("on_error");
    if (word != null) {
      return word.strip().toLowerCase(Locale.ROOT);
    }
    Fields failure = policy() == null ? null : policy().map("failure");
    String mode = failure == null ? null : failure.text("mode");
    return switch (mode) {
      case "best_effort" -> "continue";
      case "fail_fast" -> "fail";
      case null, default -> null;
    };
  }

  /**
   * @param onError the word that counts, from the step or else from its single tool
   */
  StepOptions options(@Nullable String onError) {
    OnError meaning =
        switch (onError) {
          case "fail" -> OnError.FAIL;
          case "continue" -> OnError.CONTINUE;
          case null, default -> OnError.ROUTE;
        };
    if (onError != null
        && meaning == OnError.ROUTE
        && !onError.equals("retry")
        && !onError.equals("route")) {
      report.warn(
          "step.on-error.unknown",
          spec == null ? new Scalar(1, 1, onError, onError) : spec.key("on_error"),
          "spec.on_error",
          "on_error '" + Diagnostics.clip(onError) + "' is ignored",
          "write fail, continue or retry");
    }
    return new StepOptions(timeout(), meaning);
  }

  /** {@code next_mode}, the older place of the routing mode; null = none. */
  @Nullable String nextMode() {
    if (spec == null || spec.text("next_mode") == null) {
      return null;
    }
    report.warn(
        "step.next-mode",
        spec.key("next_mode"),
        "spec.next_mode",
        "'spec.next_mode' is an older spelling",
        "write next: {spec: {mode: ...}, arcs: [...]}");
    return spec.text("next_mode");
  }

  /** Admission rules in order; empty = always admitted. */
  List<Step.AdmitRule> admit() {
    Fields policy = policy();
    YamlNode node = policy == null ? null : policy.get("admit");
    String place = "spec.policy.admit";
    YamlNode rules = node instanceof Fields map ? map.get("rules") : node;
    if (rules == null) {
      return List.of();
    }
    if (!(rules instanceof Items list)) {
      report.error(
          "admit.rules.shape",
          rules,
          place + ".rules",
          place + ".rules must be a list, but is " + rules.typeName(),
          "write rules: [{when: \"{{ ... }}\", then: {allow: true}}]");
      return List.of();
    }
    List<Step.AdmitRule> result = new ArrayList<>();
    for (int i = 0; i < list.items().size(); i++) {
      String at = place + ".rules[" + i + "]";
      if (list.items().get(i) instanceof Fields rule) {
        result.add(rule(rule, at));
      } else {
        report.error(
            "admit.rule.shape",
            list.items().get(i),
            at,
            at + " must be a map",
            "write {when: \"{{ ... }}\", then: {allow: true}}");
      }
    }
    return result;
  }

  private Step.AdmitRule rule(Fields rule, String place) {
    boolean otherwise = rule.has("else") && !rule.has("when");
    Object when = otherwise ? null : report.guard(rule.get("when"), place + ".when");
    Fields body = rule;
    if (otherwise && rule.map("else") != null) {
      body = rule.map("else");
    }
    if (body != null && body.map("then") != null) {
      body = body.map("then");
    }
    YamlNode allow = body == null ? null : body.get("allow");
    return new Step.AdmitRule(when, allow == null || allows(allow, place));
  }

  private boolean allows(YamlNode allow, String place) {
    switch (allow) {
      case Scalar scalar when scalar.plain() instanceof Boolean value -> {
        return value;
      }
      case Scalar scalar -> {
        String word = scalar.text().strip().toLowerCase(Locale.ROOT);
        if (List.of("true", "yes", "on", "1").contains(word)) {
          return true;
        }
        if (List.of("false", "no", "off", "0").contains(word)) {
          return false;
        }
      }
      default -> {
        // falls to the error below
      }
    }
    report.error(
        "admit.allow",
        allow,
        place + ".then.allow",
        place + ": 'allow' must be true or false",
        "put the condition into 'when'");
    return true;
  }

  private @Nullable Duration timeout() {
    if (spec == null) {
      return null;
    }
    Duration timeout = duration(report, spec.get("timeout"), "spec.timeout");
    Fields policy = policy();
    Fields lifecycle = policy == null ? null : policy.map("lifecycle");
    return timeout != null || lifecycle == null
        ? timeout
        : duration(report, lifecycle.get("timeout_s"), "spec.policy.lifecycle.timeout_s");
  }

  /** A duration, or null (with a warning) when the node is none. */
  static @Nullable Duration duration(StepReport report, @Nullable YamlNode node, String place) {
    if (node == null) {
      return null;
    }
    Duration duration = Durations.parse(node.plain());
    if (duration == null) {
      report.warn(
          "timeout.shape",
          node,
          place,
          place + " is not a duration and is ignored",
          "write seconds (30) or text such as 30s, 5m, 2h, 500ms; templates are not read here");
    }
    return duration;
  }

  private @Nullable Fields policy() {
    return spec == null ? null : spec.map("policy");
  }
}
