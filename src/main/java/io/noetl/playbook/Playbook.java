package io.noetl.playbook;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One registered playbook in its normal form.
 *
 * @param name {@code metadata.name}
 * @param path catalogue path without leading and trailing slash
 * @param workload default input, unrendered (its template strings are lazy values)
 * @param vars legacy {@code vars}: seeds of ctx variables, rendered once against the workload
 * @param spec legacy root {@code spec}: names of lowest precedence
 * @param keychain the {@code keychain} entries as written
 * @param executor run options
 * @param steps every step in document order, keyed by name
 */
public record Playbook(
    String name,
    String path,
    Map<String, @Nullable Object> workload,
    Map<String, @Nullable Object> vars,
    Map<String, @Nullable Object> spec,
    List<Map<String, @Nullable Object>> keychain,
    ExecutorOptions executor,
    Map<String, Step> steps) {

  /** The step where every execution begins when the executor names no other. */
  public static final String DEFAULT_ENTRY = "start";

  /** An arc may name this step although no such step is defined: the branch then ends there. */
  public static final String END = "end";

  public Playbook {
    steps = Collections.unmodifiableMap(new LinkedHashMap<>(steps));
    keychain = List.copyOf(keychain);
  }

  public Optional<Step> step(String stepName) {
    return Optional.ofNullable(steps.get(stepName));
  }

  /** Name of the first step; it exists in a validated playbook. */
  public String entryStep() {
    String entry = executor.entryStep();
    return entry == null ? DEFAULT_ENTRY : entry;
  }
}
