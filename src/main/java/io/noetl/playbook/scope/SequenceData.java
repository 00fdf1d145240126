package io.noetl.playbook.scope;

import io.noetl.playbook.value.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data of a sequence of tasks: the data of each task by label, with the members of those that
 * are maps laid over it, later tasks winning.
 *
 * <p>The outcome also has to remember which members are the labels, so that {@code results} finds
 * them again. It does so in its meta information: {@code labels} is the list of labels, and {@code
 * replaced} holds the data of labels whose place in the data a member of the same name has taken.
 */
public final class SequenceData {
  private static final String LABELS = "labels";
  private static final String REPLACED = "replaced";

  private SequenceData() {}

  /**
   * The outcome of a sequence.
   *
   * @param last the outcome that the command as a whole has: its status, error, http part and meta
   *     information are kept, its data is not looked at
   * @param results data of the latest run of each task, in the order of those runs
   * @param lastLabel label of the task that ran last; null when none ran
   * @param failedLabel label of the task that failed the sequence; null when it did not fail
   */
  public static Outcome of(
      Outcome last,
      Map<String, @Nullable Object> results,
      @Nullable String lastLabel,
      @Nullable String failedLabel) {
    Map<String, @Nullable Object> data = data(results, lastLabel, failedLabel);
    Map<String, @Nullable Object> meta = new LinkedHashMap<>(last.meta());
    meta.put(LABELS, List.copyOf(results.keySet()));
    Map<String, @Nullable Object> replaced = new LinkedHashMap<>();
    results.forEach(
        (label, result) -> {
          if (data.get(label) != result) {
            replaced.put(label, result);
          }
        });
    if (!replaced.isEmpty()) {
      meta.put(REPLACED, replaced);
    }
    return new Outcome(
        last.status(),
        Outcome.Shape.SEQUENCE,
        data,
        last.error(),
        last.hard(),
        last.http(),
        meta,
        last.reference(),
        last.streams());
  }

  private static Map<String, @Nullable Object> data(
      Map<String, @Nullable Object> results,
      @Nullable String lastLabel,
      @Nullable String failedLabel) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>(results);
    boolean merged = false;
    for (Object result : results.values()) {
      if (result instanceof Map<?, ?> members) {
        for (Map.Entry<?, ?> member : members.entrySet()) {
          String name = String.valueOf(member.getKey());
          // A label that leads to a map is worth more than a member of the same name.
          if (!(results.get(name) instanceof Map<?, ?>)) {
            data.put(name, member.getValue());
            merged |= name.equals("data");
          }
        }
      }
    }
    boolean plainEnd = lastLabel != null && !(results.get(lastLabel) instanceof Map<?, ?>);
    if (plainEnd && !merged) {
      data.put("data", results.get(lastLabel));
    }
    if (failedLabel != null) {
      data.put("labeled_results", results);
      data.put("failed_task", failedLabel);
    }
    return data;
  }

  /** The data by label, as it was before the members were laid over it. */
  static Map<String, @Nullable Object> labels(Outcome outcome) {
    Map<String, @Nullable Object> labels = new LinkedHashMap<>();
    if (!(outcome.data() instanceof Map<?, ?> data)) {
      return labels;
    }
    if (!(outcome.meta().get(LABELS) instanceof List<?> names)) {
      data.forEach((key, value) -> labels.put(String.valueOf(key), value));
      return labels;
    }
    Map<?, ?> replaced = outcome.meta().get(REPLACED) instanceof Map<?, ?> map ? map : Map.of();
    for (Object name : names) {
      String label = String.valueOf(name);
      labels.put(label, replaced.containsKey(label) ? replaced.get(label) : data.get(label));
    }
    return labels;
  }
}
