package io.noetl.tool.container;

import io.noetl.json.Json;
import io.noetl.tool.ToolCall.Identity;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job that is ready to be started.
 *
 * @param name the same on every attempt of a command that wants the same
 * @param job what the cluster is sent
 * @param files what the container finds in {@link #FOLDER}, by name; empty = nothing
 * @param limit how long the job may take from its start; null = as long as it wants
 */
record JobPlan(
    String namespace,
    String name,
    Map<String, String> labels,
    Map<String, @Nullable Object> job,
    Map<String, String> files,
    @Nullable Duration limit) {

  /** Where the container finds its files. */
  static final String FOLDER = "/noetl";

  static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  static final String MANAGER = "noetl";
  static final String EXECUTION = "noetl.io/execution-id";
  static final String COMMAND = "noetl.io/command-id";

  /** Which attempt of the command the job belongs to now. */
  static final String ATTEMPT = "noetl.io/attempt";

  /** Set when the end of the job was seen. */
  static final String COLLECTED = "noetl.io/collected";

  private static final int LONGEST_LABEL = 63;

  JobPlan {
    labels = Map.copyOf(labels);
    files = Map.copyOf(files);
  }

  /**
   * @param spec of the job
   * @param files texts that are mounted
   */
  static JobPlan of(
      Identity identity,
      String namespace,
      Map<String, @Nullable Object> spec,
      Map<String, String> files,
      @Nullable Duration limit) {
    String name =
        "noetl-" + identity.commandId() + "-" + digest(Json.text(spec) + Json.text(files));
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(MANAGED_BY, MANAGER);
    labels.put(EXECUTION, identity.executionId());
    labels.put(COMMAND, identity.commandId());
    labels.put("noetl.io/step", label(identity.step()));
    labels.put(ATTEMPT, Integer.toString(identity.attempt()));
    return new JobPlan(namespace, name, labels, spec, files, limit);
  }

  /**
   * The job as the cluster wants it.
   *
   * @param as its name, which may differ from that of the plan when that one is taken
   */
  Map<String, @Nullable Object> resource(String as) {
    Map<String, @Nullable Object> resource = new LinkedHashMap<>();
    resource.put("apiVersion", "batch/v1");
    resource.put("kind", "Job");
    resource.put("metadata", metadata(as));
    resource.put("spec", files.isEmpty() ? job : mounted(as));
    return resource;
  }

  /** The configuration map that holds the files. */
  Map<String, @Nullable Object> filesResource(String as) {
    Map<String, @Nullable Object> resource = new LinkedHashMap<>();
    resource.put("apiVersion", "v1");
    resource.put("kind", "ConfigMap");
    resource.put("metadata", metadata(as));
    resource.put("data", files);
    return resource;
  }

  private Map<String, @Nullable Object> metadata(String as) {
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
    metadata.put("name", as);
    metadata.put("namespace", namespace);
    metadata.put("labels", labels);
    return metadata;
  }

  /** The job with the volume that its configuration map, which has its name, is mounted from. */
  private Map<String, @Nullable Object> mounted(String as) {
    Map<String, @Nullable Object> spec = new LinkedHashMap<>(job);
    Map<String, @Nullable Object> template = child(spec, "template");
    Map<String, @Nullable Object> pod = child(template, "spec");
    pod.put("volumes", List.of(Map.of("name", "noetl", "configMap", Map.of("name", as))));
    return spec;
  }

  /** The member as a map of its own, so that the plan stays as it is. */
  private static Map<String, @Nullable Object> child(
      Map<String, @Nullable Object> parent, String name) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    if (parent.get(name) instanceof Map<?, ?> child) {
      child.forEach((key, value) -> copy.put(String.valueOf(key), value));
    }
    parent.put(name, copy);
    return copy;
  }

  /** The text as a value that a label may have. */
  static String label(String text) {
    String allowed = text.replaceAll("[^A-Za-z0-9_.-]", "-");
    String cut = allowed.substring(0, Math.min(LONGEST_LABEL, allowed.length()));
    return cut.replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "");
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected this Java to have SHA-256, but: " + e, e);
    }
  }
}
