package io.noetl.execution;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.execution.Awaited.Until;
import io.noetl.execution.ExecutionState.StepState;
import io.noetl.playbook.Playbook;
import io.noetl.playbook.Step;
import io.noetl.playbook.Tool;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.template.TemplateException;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.playbook.value.References;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a child comes to for the step that asked for it. Stateless. */
public final class ChildOutcome {
  private static final String CODE = "PLAYBOOK_FAILED";

  private ChildOutcome() {}

  /** The child could not be started. */
  public static Outcome refused(String sentence) {
    return Outcome.hard(failure("Failed to start child playbook: " + sentence));
  }

  /**
   * The outcome of a child as its state has it: started, when only that was asked for, else ended.
   *
   * @param playbook of the child
   * @param source asked for data of the child that is out of line
   * @throws IllegalStateException when the child has not come so far
   */
  public static Outcome of(
      Until until,
      @Nullable String step,
      ExecutionState child,
      Playbook playbook,
      DataSource source) {
    if (until == Until.STARTED) {
      Map<String, @Nullable Object> data = head("started", child);
      data.put("async", true);
      return Outcome.success(data);
    }
    if (!child.status().terminal()) {
      throw new IllegalStateException(
          "Expected child " + child.executionId() + " to have ended, but it is " + child.status());
    }
    return until == Until.STEP
        ? step(String.valueOf(step), child, source)
        : result(step, child, playbook);
  }

  private static Outcome step(String name, ExecutionState child, DataSource source) {
    Map<String, @Nullable Object> data = head(child.status().name(), child);
    if (child.status() != ExecutionStatus.COMPLETED) {
      String why = why(child);
      data.put("error", why);
      return Outcome.soft(data, failure(sentence(child, why)));
    }
    Outcome outcome = child.step(name).outcome();
    Object value;
    try {
      value = outcome == null ? null : References.data(outcome, source);
    } catch (TemplateException e) {
      return Outcome.hard(failure(sentence(child, String.valueOf(e.getMessage()))));
    }
    if (!(value instanceof Map<?, ?> map)) {
      data.put("data", value);
      return Outcome.success(data);
    }
    Map<String, @Nullable Object> merged = new LinkedHashMap<>();
    map.forEach((key, member) -> merged.put(String.valueOf(key), member));
    data.forEach(merged::putIfAbsent);
    return Outcome.success(merged);
  }

  private static Outcome result(@Nullable String wanted, ExecutionState child, Playbook playbook) {
    if (child.status() != ExecutionStatus.COMPLETED) {
      return Outcome.hard(failure(sentence(child, why(child))));
    }
    Outcome outcome = wanted == null ? null : child.step(wanted).outcome();
    if (outcome == null) {
      outcome = last(child, playbook);
    }
    if (outcome == null) {
      return Outcome.success(null);
    }
    // The value alone: how it came about is the child's business.
    return new Outcome(
        Status.SUCCESS,
        Shape.SINGLE,
        outcome.data(),
        null,
        false,
        null,
        Map.of(),
        outcome.reference(),
        null);
  }

  /** Of the last step that did something, else of the last step. */
  private static @Nullable Outcome last(ExecutionState child, Playbook playbook) {
    StepState last = null;
    boolean lastWorked = false;
    for (Map.Entry<String, StepState> entry : child.steps().entrySet()) {
      StepState state = entry.getValue();
      boolean worked = !routes(playbook.steps().get(entry.getKey()));
      if (state.outcome() != null
          && (last == null
              || worked && !lastWorked
              || worked == lastWorked && state.finishedSeq() > last.finishedSeq())) {
        last = state;
        lastWorked = worked;
      }
    }
    return last == null ? null : last.outcome();
  }

  private static boolean routes(@Nullable Step step) {
    return step != null
        && step.loop() == null
        && step.tool() instanceof Tool.Single single
        && single.spec().kind() == ToolKind.NOOP;
  }

  /** The time is over; the child goes on. */
  public static Outcome timedOut(Until until, long childId, Number seconds) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status", Status.TIMEOUT.word());
    data.put("execution_id", Ids.text(childId));
    data.put("timeout_seconds", seconds);
    boolean hard = until == Until.RESULT;
    return new Outcome(
        Status.TIMEOUT,
        Shape.SINGLE,
        hard ? null : data,
        Errors.timeout(
            "child playbook execution "
                + childId
                + " did not end within "
                + seconds
                + " s (timeout); it keeps running"),
        hard,
        null,
        Map.of(),
        null,
        null);
  }

  private static Map<String, @Nullable Object> head(String status, ExecutionState child) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status", status);
    data.put("execution_id", Ids.text(child.executionId()));
    data.put("path", child.begun().path());
    return data;
  }

  private static String why(ExecutionState child) {
    return child.error() == null ? "ended as " + child.status() : child.error();
  }

  private static String sentence(ExecutionState child, String why) {
    return "child playbook " + child.begun().path() + " (" + child.executionId() + "): " + why;
  }

  private static Map<String, @Nullable Object> failure(String sentence) {
    return Errors.of("playbook", CODE, sentence, false);
  }
}
