package io.noetl.tool.container;

import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes jobs of the fields of container calls. */
final class ContainerPlans {
  private final ContainerSettings settings;

  ContainerPlans(ContainerSettings settings) {
    this.settings = settings;
  }

  /**
   * @throws InvalidConfig when a field is missing or cannot be used
   */
  JobPlan of(ToolCall call) {
    Fields fields = new Fields(ToolKind.CONTAINER, call.fields());
    Map<String, @Nullable Object> container = new LinkedHashMap<>();
    container.put("name", "main");
    container.put("image", fields.requiredText("image"));
    putUnlessEmpty(container, "command", words(fields, "command"));
    putUnlessEmpty(container, "args", words(fields, "args"));
    putUnlessEmpty(container, "env", withInput(environment(fields), call.input()));
    putUnlessEmpty(container, "resources", fields.map("resources"));
    putUnlessEmpty(container, "volumeMounts", list(fields, "volume_mounts", "volumeMounts"));
    Map<String, @Nullable Object> pod = new LinkedHashMap<>();
    pod.put("restartPolicy", restartPolicy(fields));
    putUnlessEmpty(pod, "nodeSelector", fields.texts("node_selector", "nodeSelector"));
    putUnlessEmpty(pod, "tolerations", list(fields, "tolerations"));
    putUnlessEmpty(pod, "volumes", list(fields, "volumes"));
    account(pod, fields.text("service_account", "serviceAccount", "serviceAccountName"));
    pod.put("containers", List.of(container));
    Duration limit = shorter(call.timeout(), fields.duration("timeout_seconds", "timeout"));
    return JobPlan.of(
        call.identity(),
        namespace(fields.text("namespace"), settings),
        job(
            pod,
            whole(fields, 0, "backoff_limit", "backoffLimit"),
            settings.keepEnded().toSeconds(),
            limit),
        Map.of(),
        limit);
  }

  /** The spec of a job with this pod. */
  static Map<String, @Nullable Object> job(
      Map<String, @Nullable Object> pod,
      long backoffLimit,
      long keepSeconds,
      @Nullable Duration limit) {
    Map<String, @Nullable Object> spec = new LinkedHashMap<>();
    spec.put("backoffLimit", backoffLimit);
    spec.put("ttlSecondsAfterFinished", keepSeconds);
    if (limit != null) {
      // The cluster ends it, too, should nobody be left here who could.
      spec.put("activeDeadlineSeconds", Math.max(1, limit.plusMillis(999).toSeconds()));
    }
    spec.put("template", Map.of("spec", pod));
    return spec;
  }

  /** Code of playbooks gets no key to the cluster unless its author names an account. */
  static void account(Map<String, @Nullable Object> pod, @Nullable String account) {
    if (account == null || account.isBlank()) {
      pod.put("automountServiceAccountToken", false);
    } else {
      pod.put("serviceAccountName", account.strip());
    }
  }

  static String namespace(@Nullable String named, ContainerSettings settings) {
    if (named == null || named.isBlank() || named.strip().equals(settings.namespace())) {
      return settings.namespace();
    }
    String namespace = named.strip();
    if (!settings.namespaces().isEmpty() && !settings.namespaces().contains(namespace)) {
      throw new InvalidConfig(
          "Expected namespace "
              + settings.namespace()
              + " or one of "
              + settings.namespaces()
              + " (kubernetes.namespaces), but it is '"
              + namespace
              + "'");
    }
    return namespace;
  }

  /** Variables, from a map or from a list of maps with {@code name} and {@code value}. */
  static List<Map<String, @Nullable Object>> environment(Fields fields) {
    List<Map<String, @Nullable Object>> variables = new ArrayList<>();
    if (fields.first("env") instanceof List<?> list) {
      for (Object item : list) {
        if (!(item instanceof Map<?, ?> map) || !(map.get("name") instanceof String name)) {
          throw new InvalidConfig(
              "Expected each entry of 'env' to have a name and a value, but one is "
                  + Json.typeName(item)
                  + " without a name");
        }
        Map<String, @Nullable Object> variable = new LinkedHashMap<>();
        map.forEach((member, value) -> variable.put(String.valueOf(member), value));
        variable.put("name", name);
        Object value = map.get("value");
        if (value != null) {
          variable.put("value", Fields.asText(value));
        }
        variables.add(variable);
      }
      return variables;
    }
    fields
        .texts("env")
        .forEach(
            (name, value) -> {
              Map<String, @Nullable Object> variable = new LinkedHashMap<>();
              variable.put("name", name);
              variable.put("value", value);
              variables.add(variable);
            });
    return variables;
  }

  /** Adds {@code INPUT_<NAME>} for every input; a variable that the author wrote wins. */
  private static List<Map<String, @Nullable Object>> withInput(
      List<Map<String, @Nullable Object>> written, @Nullable Object input) {
    if (!(input instanceof Map<?, ?> inputs)) {
      return written;
    }
    List<Map<String, @Nullable Object>> all = new ArrayList<>(written);
    inputs.forEach(
        (key, value) -> {
          String name =
              "INPUT_" + String.valueOf(key).toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
          if (value != null && written.stream().noneMatch(one -> name.equals(one.get("name")))) {
            Map<String, @Nullable Object> variable = new LinkedHashMap<>();
            variable.put("name", name);
            variable.put("value", Fields.asText(value));
            all.add(variable);
          }
        });
    return all;
  }

  /** A number, not negative. */
  static long whole(Fields fields, long otherwise, String... names) {
    String text = fields.text(names);
    if (text == null || text.isBlank()) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text.strip());
      if (number >= 0 && number <= Integer.MAX_VALUE) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, as for one out of range.
    }
    throw new InvalidConfig(
        "Expected field '"
            + names[0]
            + "' to be a whole number of at least 0, but it is '"
            + text
            + "'");
  }

  static void putUnlessEmpty(
      Map<String, @Nullable Object> into, String name, Map<String, ?> value) {
    if (!value.isEmpty()) {
      into.put(name, value);
    }
  }

  static void putUnlessEmpty(Map<String, @Nullable Object> into, String name, List<?> value) {
    if (!value.isEmpty()) {
      into.put(name, value);
    }
  }

  static @Nullable Duration shorter(@Nullable Duration a, @Nullable Duration b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.compareTo(b) <= 0 ? a : b;
  }

  private static String restartPolicy(Fields fields) {
    String policy = fields.text("restart_policy", "restartPolicy");
    if (policy == null || policy.isBlank()) {
      return "Never";
    }
    if (policy.equals("Never") || policy.equals("OnFailure")) {
      return policy;
    }
    throw new InvalidConfig(
        "Invalid container config: expected field 'restart_policy' to be Never or OnFailure, but it"
            + " is '"
            + policy
            + "'");
  }

  private static List<String> words(Fields fields, String name) {
    return list(fields, name).stream().map(item -> Fields.asText(item)).toList();
  }

  private static List<Object> list(Fields fields, String... names) {
    Object value = fields.first(names);
    if (value == null || "".equals(value)) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw new InvalidConfig(
          "Invalid container config: expected field '"
              + names[0]
              + "' to be a list, but it is "
              + Json.typeName(value));
    }
    List<Object> items = new ArrayList<>();
    for (Object item : list) {
      if (item == null) {
        throw new InvalidConfig(
            "Invalid container config: expected no null in field '" + names[0] + "'");
      }
      items.add(item);
    }
    return items;
  }
}
