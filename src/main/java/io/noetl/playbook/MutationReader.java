package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Field;
import io.noetl.playbook.YamlNode.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code set} blocks and their aliases into one list. Keys {@code vars.x} and {@code step.x}
 * become {@code ctx.x}; aliases come first, so that {@code set} has the last word.
 */
final class MutationReader {
  private static final List<String> SCOPES = List.of("ctx.", "iter.", "vars.", "step.");

  private MutationReader() {}

  static List<Mutation> step(StepReport report, Fields step) {
    return read(report, step, "", List.of("vars", "set_ctx", "set_iter", "set"));
  }

  static List<Mutation> arc(StepReport report, Fields arc, String place) {
    return read(report, arc, place, List.of("args", "with", "set_ctx", "set_iter", "set"));
  }

  static List<Mutation> task(StepReport report, Fields tool, String place) {
    return read(report, tool, place, List.of("set_ctx", "set_iter", "set"));
  }

  static List<Mutation> rule(StepReport report, Fields then, String place) {
    return read(report, then, place, List.of("set_vars", "set_ctx", "set_iter", "set"));
  }

  private static List<Mutation> read(
      StepReport report, Fields owner, String place, List<String> names) {
    Map<String, @Nullable Object> entries = new LinkedHashMap<>();
    for (String name : names) {
      YamlNode node = owner.get(name);
      if (node == null) {
        continue;
      }
      String at = place.isEmpty() ? name : place + "." + name;
      if (!name.equals("set")) {
        report.warn(
            "set.alias",
            owner.key(name),
            at,
            "'" + name + "' is an older spelling of 'set'",
            "write " + canonical(name));
      }
      if (node instanceof Fields map) {
        for (Map.Entry<String, Field> field : map.fields().entrySet()) {
          YamlNode value = field.getValue().value();
          String key = key(name, field.getKey());
          report.templates(value, at + "." + field.getKey());
          entries.remove(key);
          entries.put(key, value.plain());
        }
      } else {
        report.error(
            "set.shape",
            node,
            at,
            at + " must be a map of names to values, but is " + node.typeName(),
            "write set: {ctx.name: \"{{ ... }}\"}");
      }
    }
    List<Mutation> mutations = new ArrayList<>(entries.size());
    entries.forEach((key, value) -> mutations.add(new Mutation(key, value)));
    return List.copyOf(mutations);
  }

  private static String key(String block, String key) {
    String prefix =
        switch (block) {
          case "vars", "set_vars", "set_ctx" -> "ctx.";
          case "set_iter" -> "iter.";
          default -> "";
        };
    boolean scoped = SCOPES.stream().anyMatch(key::startsWith);
    if (!scoped) {
      return prefix + key;
    }
    boolean renamed = key.startsWith("vars.") || key.startsWith("step.");
    return renamed ? "ctx." + key.substring("vars.".length()) : key;
  }

  private static String canonical(String name) {
    return switch (name) {
      case "set_iter" -> "set: {iter.name: ...}";
      default -> "set: {ctx.name: ...}";
    };
  }
}
