package io.noetl.tool.container;

import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.code.CodeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes jobs of the fields of script calls. */
final class ScriptPlans {
  /** The cluster holds no larger configuration maps. */
  static final int MOST_BYTES = 1_000_000;

  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final String INPUT = "input.json";

  private final ContainerSettings settings;
  private final CodeSource sources;

  ScriptPlans(ContainerSettings settings, CodeSource sources) {
    this.settings = settings;
    this.sources = sources;
  }

  /**
   * @throws InvalidConfig when a field is missing or cannot be used, or the script cannot be read
   */
  JobPlan of(ToolCall call) throws InterruptedException {
    Fields fields = new Fields(ToolKind.SCRIPT, call.fields());
    String code = sources.code(call, fields);
    Fields job = new Fields(ToolKind.SCRIPT, fields.map("job"));
    String uri = new Fields(ToolKind.SCRIPT, script(fields)).text("uri");
    boolean shell = uri != null && uri.endsWith(".sh");
    String file = shell ? "script.sh" : "script.py";
    Map<String, String> files = new LinkedHashMap<>();
    files.put(file, code);
    files.put(INPUT, Json.text(call.input() == null ? Map.of() : call.input()));
    requireSize(files);
    String image = job.text("image");
    Map<String, @Nullable Object> container = new LinkedHashMap<>();
    container.put("name", "main");
    container.put("image", image == null || image.isBlank() ? settings.scriptImage() : image);
    container.put("command", command(job, (shell ? "sh " : "python3 ") + path(file)));
    List<Map<String, @Nullable Object>> environment = ContainerPlans.environment(job);
    environment.add(variable("NOETL_INPUT_FILE", path(INPUT)));
    environment.add(variable("NOETL_EXECUTION_ID", call.identity().executionId()));
    environment.add(variable("NOETL_STEP", call.identity().step()));
    container.put("env", environment);
    ContainerPlans.putUnlessEmpty(container, "resources", job.map("resources"));
    container.put(
        "volumeMounts",
        List.of(Map.of("name", "noetl", "mountPath", JobPlan.FOLDER, "readOnly", true)));
    Map<String, @Nullable Object> pod = new LinkedHashMap<>();
    pod.put("restartPolicy", "Never");
    ContainerPlans.account(pod, job.text("service_account", "serviceAccount"));
    pod.put("containers", List.of(container));
    Duration own = job.duration("timeout", "timeout_seconds");
    Duration limit = ContainerPlans.shorter(call.timeout(), own == null ? TIMEOUT : own);
    return JobPlan.of(
        call.identity(),
        ContainerPlans.namespace(job.text("namespace"), settings),
        ContainerPlans.job(
            pod,
            ContainerPlans.whole(job, 0, "backoff_limit", "backoffLimit"),
            ContainerPlans.whole(
                job,
                settings.keepEnded().toSeconds(),
                "ttl_seconds_after_finished",
                "ttlSecondsAfterFinished"),
            limit),
        files,
        limit);
  }

  private static Map<String, @Nullable Object> script(Fields fields) {
    return fields.first("script") == null ? Map.of() : fields.map("script");
  }

  private static List<String> command(Fields job, String run) {
    if (!(job.first("install_dependencies") instanceof List<?> list) || list.isEmpty()) {
      return List.of(run.split(" "));
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                // To standard error: what the script writes is its output.
                "python3 -m pip install --quiet --disable-pip-version-check -- \"$@\" >&2 && exec "
                    + run,
                "sh"));
    for (Object item : list) {
      command.add(item == null ? "" : Fields.asText(item));
    }
    return command;
  }

  private static Map<String, @Nullable Object> variable(String name, String value) {
    Map<String, @Nullable Object> variable = new LinkedHashMap<>();
    variable.put("name", name);
    variable.put("value", value);
    return variable;
  }

  private static String path(String file) {
    return JobPlan.FOLDER + "/" + file;
  }

  private static void requireSize(Map<String, String> files) {
    long bytes =
        files.values().stream().mapToLong(t -> t.getBytes(StandardCharsets.UTF_8).length).sum();
    if (bytes > MOST_BYTES) {
      throw new InvalidConfig(
          "Expected a script and its input of at most "
              + MOST_BYTES
              + " bytes together (the cluster holds no larger configuration maps), but they have "
              + bytes);
    }
  }
}
