package io.noetl.playbook.scope;

import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The objects through which templates read an outcome. They are cheap to make, immutable, and share
 * the data of the outcome.
 */
public final class Views {
  private Views() {}

  /**
   * What a step's name resolves to for later steps. Bound as a value it is the data, a map without
   * {@code data} having a copy of itself under that name.
   */
  public static Object step(Outcome outcome) {
    return step(outcome, DataSource.NONE);
  }

  /**
   * As {@link #step(Outcome)}.
   *
   * @param source asked for data that is stored out of line, when a template touches it
   */
  public static Object step(Outcome outcome, DataSource source) {
    return new StepView(outcome, StepView.Form.STEP, source);
  }

  /**
   * {@code output} in the guards and {@code set} blocks of arcs, and in the {@code set} of a step:
   * the step value and more. Its member {@code data} is what {@code result}, {@code response} and
   * {@code this} mean there.
   */
  public static Object output(Outcome outcome) {
    return output(outcome, DataSource.NONE);
  }

  /**
   * As {@link #output(Outcome)}.
   *
   * @param source asked for data that is stored out of line, when a template touches it
   */
  public static Object output(Outcome outcome, DataSource source) {
    return new StepView(outcome, StepView.Form.OUTPUT, source);
  }

  /**
   * A variable: itself, or a view of the data for which it stands.
   *
   * @param source asked for that data, when a template touches it
   */
  public static @Nullable Object variable(@Nullable Object value, DataSource source) {
    Map<String, @Nullable Object> reference = References.ofMarked(value);
    return reference == null ? value : new StoredView(reference, source);
  }

  /** {@code output} in the rules of a policy: a fixed envelope. */
  public static Object policyOutput(Outcome outcome) {
    return new PolicyView(outcome);
  }

  /** {@code output} in the {@code set} of the task that has just run: its raw data, and more. */
  public static Object setOutput(Outcome outcome) {
    return new StepView(outcome, StepView.Form.SET, DataSource.NONE);
  }

  /**
   * The raw result envelope, as {@link #envelope(Outcome)} gives it, but data that is stored out of
   * line is got when a template touches it.
   */
  public static Object envelope(Outcome outcome, DataSource source) {
    return References.elsewhere(outcome) ? new EnvelopeView(outcome, source) : envelope(outcome);
  }

  /** The raw result envelope, which {@code steps.<name>} gives. Absent parts have no key. */
  public static Map<String, @Nullable Object> envelope(Outcome outcome) {
    Map<String, @Nullable Object> envelope = new LinkedHashMap<>();
    envelope.put("status", outcome.status().word());
    if (outcome.data() != null) {
      envelope.put("data", outcome.data());
    }
    if (outcome.error() != null) {
      envelope.put("error", outcome.error());
    }
    if (outcome.streams() != null) {
      envelope.putAll(outcome.streams());
    }
    if (outcome.meta().containsKey("duration_ms")) {
      envelope.put("duration_ms", outcome.meta().get("duration_ms"));
    }
    return envelope;
  }
}
