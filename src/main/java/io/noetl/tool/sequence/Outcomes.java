package io.noetl.tool.sequence;

import io.noetl.playbook.scope.SequenceData;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Outcomes made from outcomes. */
final class Outcomes {
  private Outcomes() {}

  /** The outcome with this error in place of its own. */
  static Outcome error(
      Outcome of, Status status, Map<String, @Nullable Object> error, boolean hard) {
    return new Outcome(
        status,
        of.shape(),
        of.data(),
        error,
        hard,
        of.http(),
        of.meta(),
        of.reference(),
        of.streams());
  }

  /** The outcome as a success, whatever it was; its data stays. */
  static Outcome accepted(Outcome of) {
    return of.succeeded()
        ? of
        : new Outcome(
            Status.SUCCESS,
            of.shape(),
            of.data(),
            null,
            false,
            of.http(),
            of.meta(),
            of.reference(),
            of.streams());
  }

  /** The outcome with one more entry of {@code meta}, which wins over an earlier one. */
  static Outcome withMeta(Outcome of, String name, @Nullable Object value) {
    Map<String, @Nullable Object> meta = new LinkedHashMap<>(of.meta());
    meta.put(name, value);
    return of.withMeta(meta);
  }

  /**
   * The outcome of a sequence.
   *
   * @param tasks the latest outcome of each task that has run, in the order of execution
   * @param failed label of the task that ended it; null after a success
   * @param last the outcome that ended it; its error is that of the sequence unless it is accepted
   */
  static Outcome sequence(
      Map<String, Outcome> tasks,
      @Nullable String failed,
      Outcome last,
      Map<String, @Nullable Object> meta) {
    Map<String, @Nullable Object> results = new LinkedHashMap<>();
    tasks.forEach((label, outcome) -> results.put(label, outcome.data()));
    Map<String, @Nullable Object> http = null;
    for (Outcome task : tasks.values()) {
      if (task.http() != null) {
        http = task.http();
      }
    }
    Outcome whole =
        new Outcome(
            failed == null ? Status.SUCCESS : last.status(),
            Shape.SEQUENCE,
            null,
            failed == null ? null : last.error(),
            failed != null && last.hard(),
            http,
            meta,
            null,
            null);
    return SequenceData.of(
        whole, results, results.isEmpty() ? null : lastOf(results.keySet()), failed);
  }

  private static String lastOf(Set<String> labels) {
    String last = "";
    for (String label : labels) {
      last = label;
    }
    return last;
  }
}
