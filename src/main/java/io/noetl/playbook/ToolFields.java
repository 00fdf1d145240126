package io.noetl.playbook;

import io.noetl.playbook.YamlNode.Field;
import io.noetl.playbook.YamlNode.Fields;
import io.noetl.playbook.YamlNode.Scalar;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Brings the members of one tool to their canonical names, keeping their places. */
final class ToolFields {
  private static final Set<String> STAY_IN_SPEC = Set.of("policy", "timeout", "on_error");

  private ToolFields() {}

  /**
   * The tool with configuration copied up out of {@code spec}, {@code credential} as {@code auth},
   * {@code args} as {@code input} (not for containers, whose {@code args} are arguments of a
   * program), and {@code timeout} as {@code timeout_seconds}. Warns about older spellings.
   */
  static Fields canonical(StepReport report, Fields tool, String place) {
    Map<String, Field> fields = new LinkedHashMap<>(tool.fields());
    hoist(tool, fields);
    alias(report, tool, place, fields, "credential", "auth");
    String kind = kind(fields);
    if (!kind.equals("container")) {
      mergeArgs(report, tool, place, fields);
    }
    timeout(report, place, fields);
    if (kind.equals("transfer")) {
      endpoint(report, place, fields, "source");
      endpoint(report, place, fields, "target");
    }
    if (kind.equals("playbook")) {
      alias(report, tool, place, fields, "workload", "payload");
      if (absent(fields, "path") && absent(fields, "catalog_id") && fields.containsKey("name")) {
        fields.put("path", fields.get("name"));
      }
    }
    if (kind.equals("mcp") && absent(fields, "server") && fields.containsKey("name")) {
      fields.put("server", fields.get("name"));
    }
    return tool.with(fields);
  }

  /**
   * Two input maps as one: members of {@code upper} win; a value that is no map hides the other.
   */
  static @Nullable Field merged(@Nullable Field lower, @Nullable Field upper) {
    if (upper == null || upper.value().plain() == null) {
      return lower;
    }
    if (lower != null
        && lower.value() instanceof Fields under
        && upper.value() instanceof Fields over) {
      Map<String, Field> all = new LinkedHashMap<>(under.fields());
      all.putAll(over.fields());
      return new Field(upper.keyLine(), upper.keyColumn(), over.with(all));
    }
    return upper;
  }

  private static void hoist(Fields tool, Map<String, Field> fields) {
    if (!(tool.get("spec") instanceof Fields spec)) {
      return;
    }
    Map<String, Field> rest = new LinkedHashMap<>();
    spec.fields()
        .forEach(
            (key, field) -> {
              if (STAY_IN_SPEC.contains(key)) {
                rest.put(key, field);
              } else {
                fields.putIfAbsent(key, field);
              }
            });
    Field place = fields.get("spec");
    if (place != null) {
      fields.put("spec", new Field(place.keyLine(), place.keyColumn(), spec.with(rest)));
    }
  }

  private static void mergeArgs(
      StepReport report, Fields tool, String place, Map<String, Field> fields) {
    Field args = fields.remove("args");
    if (args == null) {
      return;
    }
    report.warn(
        "tool.args",
        tool.key("args"),
        place + ".args",
        "'args' is an older spelling",
        "write 'input'");
    Field input = merged(args, fields.get("input"));
    if (input != null) {
      fields.put("input", input);
    }
  }

  private static void timeout(StepReport report, String place, Map<String, Field> fields) {
    Field shorter = fields.remove("timeout");
    Field field = absent(fields, "timeout_seconds") ? shorter : fields.get("timeout_seconds");
    if (field == null || !(field.value() instanceof Scalar scalar) || scalar.plain() == null) {
      fields.remove("timeout_seconds");
      return;
    }
    Duration duration = Durations.parse(scalar.plain());
    if (duration != null) {
      Scalar seconds =
          new Scalar(scalar.line(), scalar.column(), Durations.seconds(duration), scalar.text());
      field = new Field(field.keyLine(), field.keyColumn(), seconds);
    } else if (!scalar.text().contains("{{")) {
      report.warn(
          "tool.timeout",
          scalar,
          place + ".timeout",
          "'" + Diagnostics.clip(scalar.text()) + "' is not a duration",
          "write seconds (30) or text such as 30s, 5m, 2h, 500ms");
    }
    fields.put("timeout_seconds", field);
  }

  private static void endpoint(
      StepReport report, String place, Map<String, Field> fields, String name) {
    Field field = fields.get(name);
    if (field != null && field.value() instanceof Fields end) {
      Map<String, Field> members = new LinkedHashMap<>(end.fields());
      alias(report, end, place + "." + name, members, "credential", "auth");
      fields.put(name, new Field(field.keyLine(), field.keyColumn(), end.with(members)));
    }
  }

  /** Moves a member to its canonical name unless that is set already. */
  static void alias(
      StepReport report,
      Fields owner,
      String place,
      Map<String, Field> fields,
      String old,
      String canonical) {
    Field field = fields.remove(old);
    if (field == null) {
      return;
    }
    boolean ignored = !absent(fields, canonical);
    report.warn(
        "tool." + old,
        owner.key(old),
        place + "." + old,
        ignored
            ? "'" + old + "' is ignored, because '" + canonical + "' is set"
            : "'" + old + "' is another spelling",
        "write '" + canonical + "'");
    if (!ignored) {
      fields.put(canonical, field);
    }
  }

  private static String kind(Map<String, Field> fields) {
    Field kind = fields.get("kind");
    return kind != null && kind.value() instanceof Scalar word
        ? word.text().strip().toLowerCase(Locale.ROOT)
        : "";
  }

  private static boolean absent(Map<String, Field> fields, String name) {
    Field field = fields.get(name);
    return field == null || field.value().plain() == null;
  }
}
