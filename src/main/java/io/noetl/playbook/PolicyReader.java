package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Field;
import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Items;
import io.noetl.playbook.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the policy of a tool, in every accepted shape of its rules, into the normal form that
 * {@link ToolParser} takes.
 */
final class PolicyReader {
  private static final Set<String> VERBS = Set.of("continue", "retry", "break", "jump", "fail");
  private static final Set<String> BACK = Set.of("previous", "prev", "_previous", "@previous");
  private static final List<String> AMOUNTS =
      List.of("attempts", "delay", "backoff", "max_delay", "to");
  private static final String RULE_SHAPE =
      "write {when: \"{{ ... }}\", then: {do: continue}} or {else: {then: {do: continue}}}";

  private final StepReport report;
  private final Set<String> labels;

  /**
   * @param labels tasks of the step that a jump may name
   */
  PolicyReader(StepReport report, Set<String> labels) {
    this.report = report;
    this.labels = labels;
  }

  /** The normal form of a policy, or null when it says nothing. */
  @Nullable Map<String, @Nullable Object> read(@Nullable YamlNode node, String place) {
    if (node == null) {
      return null;
    }
    if (!(node instanceof Fields policy)) {
      report.error(
          "policy.shape",
          node,
          place,
          place + " must be a map with 'rules', but is " + node.typeName(),
          "write policy: {rules: [...]}");
      return null;
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    String unmatched = policy.text("on_unmatched");
    if (unmatched != null) {
      String word = unmatched.strip().toLowerCase(Locale.ROOT);
      if (word.equals("continue") || word.equals("fail")) {
        result.put("on_unmatched", word);
      } else {
        report.warn(
            "policy.on-unmatched.unknown",
            policy.key("on_unmatched"),
            place + ".on_unmatched",
            place + ".on_unmatched '" + Diagnostics.clip(unmatched) + "' is ignored",
            "write continue or fail");
      }
    }
    YamlNode rules = policy.get("rules");
    if (rules != null) {
      result.put("rules", rules(rules, place + ".rules"));
    }
    return result.isEmpty() ? null : result;
  }

  /** The older {@code eval} list as the same normal form. */
  @Nullable Map<String, @Nullable Object> readEval(@Nullable YamlNode node, String place) {
    if (node == null) {
      return null;
    }
    report.warn(
        "policy.eval",
        node,
        place,
        "'eval' is an older spelling",
        "write spec: {policy: {rules: [{when: ..., then: {do: ..., set: {ctx.name: ...}}}]}}");
    YamlNode rules = node instanceof Items list ? EvalTranslator.translate(list) : node;
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    result.put("rules", rules(rules, place));
    return result;
  }

  private List<@Nullable Object> rules(YamlNode node, String place) {
    List<@Nullable Object> rules = new ArrayList<>();
    if (!(node instanceof Items list)) {
      report.error(
          "policy.rules.shape",
          node,
          place,
          place + " must be a list, but is " + node.typeName(),
          "write rules: [{when: \"{{ ... }}\", then: {do: ...}}]");
      return rules;
    }
    for (int i = 0; i < list.items().size(); i++) {
      String at = place + "[" + i + "]";
      if (list.items().get(i) instanceof Fields rule) {
        rules.add(rule(rule, at));
      } else {
        YamlNode item = list.items().get(i);
        report.error(
            "policy.rule.shape",
            item,
            at,
            at + " must be a map, but is " + item.typeName(),
            RULE_SHAPE);
      }
    }
    return rules;
  }

  private Map<String, @Nullable Object> rule(Fields rule, String place) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    Object when = rule.has("when") ? report.guard(rule.get("when"), place + ".when") : null;
    if (when != null) {
      result.put("when", when);
    }
    result.put("then", then(rule, place));
    return result;
  }

  /** The body of a rule, wherever its shape keeps it. */
  private Map<String, @Nullable Object> then(Fields rule, String place) {
    YamlNode body = rule.get("then");
    String at = place + ".then";
    boolean otherwise = rule.has("else") && !rule.has("when");
    if (otherwise && rule.get("else") != null) {
      body = rule.get("else");
      at = place + ".else";
      if (body instanceof Fields inner && inner.get("then") != null) {
        body = inner.get("then");
        at = at + ".then";
      }
    }
    return switch (body) {
      case null -> action(rule, place);
      case Scalar word -> {
        Map<String, Field> fields = new LinkedHashMap<>();
        fields.put("do", new Field(word.line(), word.column(), word));
        yield action(Fields.of(word.line(), word.column(), fields), at);
      }
      case Fields map -> action(map, at);
      case Items list -> {
        report.error(
            "policy.rule.shape", list, at, at + " must be a map, but is a list", RULE_SHAPE);
        Map<String, @Nullable Object> accept = new LinkedHashMap<>();
        accept.put("do", "continue");
        yield accept;
      }
    };
  }

  private Map<String, @Nullable Object> action(Fields then, String place) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    String verb = verb(then, place);
    result.put("do", verb);
    List<Mutation> set = MutationReader.rule(report, then, place);
    if (!set.isEmpty()) {
      result.put("set", ToolParser.mutations(set));
    }
    for (String name : AMOUNTS) {
      YamlNode amount = then.get(name);
      if (amount instanceof Scalar) {
        report.templates(amount, place + "." + name);
        boolean word = name.equals("to") || name.equals("backoff");
        result.put(name, word ? then.text(name) : amount.plain());
      }
    }
    if (verb.equals("jump")) {
      checkTarget(then, place);
    }
    return result;
  }

  private String verb(Fields then, String place) {
    YamlNode node = then.get("do");
    if (node == null) {
      return "continue";
    }
    String word = node instanceof Scalar scalar ? scalar.text() : node.typeName();
    String verb = word.strip().toLowerCase(Locale.ROOT);
    if (VERBS.contains(verb)) {
      return verb;
    }
    String near = report.suggestions().didYouMean(verb, VERBS);
    report.error(
        "policy.do.unknown",
        node,
        place + ".do",
        place + ": unknown 'do' word '" + Diagnostics.clip(word) + "'",
        near == null ? "write one of continue, retry, break, jump, fail" : near);
    return "continue";
  }

  private void checkTarget(Fields then, String place) {
    String target = then.text("to");
    if (target == null || target.isBlank()) {
      report.error(
          "policy.jump.target",
          then,
          place + ".to",
          place + ": 'jump' needs 'to'",
          "name one of the tasks " + shown(labels));
    } else if (!isTemplate(target) && !BACK.contains(target) && !labels.contains(target)) {
      YamlNode at = then.get("to");
      String near = report.suggestions().didYouMean(target, labels);
      report.error(
          "policy.jump.unknown",
          at == null ? then : at,
          place + ".to",
          place + ": 'jump' to unknown task '" + Diagnostics.clip(target) + "'",
          near == null ? "name one of the tasks " + shown(labels) : near);
    }
  }

  private static String shown(Set<String> labels) {
    return Diagnostics.clip(labels.stream().limit(20).sorted().toList().toString());
  }

  private static boolean isTemplate(String text) {
    return text.contains("{{") || text.contains("{%");
  }
}
