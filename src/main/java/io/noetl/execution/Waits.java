package io.noetl.execution;

import io.noetl.execution.Awaited.Child;
import io.noetl.execution.ChildCalls.Call;
import io.noetl.execution.ChildCalls.Unclear;
import io.noetl.execution.ExecutionEvent.WaitOpened;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.json.Json;
import io.noetl.json.Weight;
import io.noetl.playbook.Durations;
import io.noetl.playbook.Step;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Begins what a step waits for, and says what it comes to when the time is over. */
final class Waits {
  private final Transition transition;

  Waits(Transition transition) {
    this.transition = transition;
  }

  /**
   * Opens the wait of a visit, or of an iteration, for a child playbook.
   *
   * @param context of the call, with its fields and input rendered
   * @return why there is nothing to wait for, else null
   */
  @Nullable Outcome child(
      Step step,
      int visit,
      @Nullable Integer iteration,
      @Nullable String from,
      Map<String, @Nullable Object> context) {
    switch (ChildCalls.read(CommandContexts.rendered(context), context.get("input"))) {
      case Unclear(Outcome outcome) -> {
        return outcome;
      }
      case Call call -> {
        int most = transition.language().limits().childPayloadBytes();
        long bytes = bytesIfOver(call.payload(), most);
        if (bytes > most) {
          return ChildOutcome.refused(
              "Expected a payload of at most "
                  + most
                  + " bytes as JSON (playbook.child-payload), but it has "
                  + bytes);
        }
        Duration limit = CommandContexts.timeout(transition, step);
        boolean ofStep =
            limit != null && (call.timeout() == null || limit.compareTo(call.timeout()) < 0);
        Child child = call.child(transition.mint().nextId(), transition.state().begun().pool());
        transition.emit(
            new WaitOpened(
                step.name(),
                visit,
                iteration,
                child,
                ofStep ? limit : call.timeout(),
                ofStep,
                from));
        return null;
      }
    }
  }

  /** How long the JSON of the payload is, where that may be over a limit; else something below. */
  private static long bytesIfOver(Map<String, @Nullable Object> payload, int limit) {
    return Weight.mayBeOver(payload, limit) ? Json.bytes(payload).length : 0;
  }

  /** The outcome of a wait whose time is over. */
  static Outcome expired(OpenWait wait) {
    WaitOpened opened = wait.opened();
    Duration timeout = opened.timeout() == null ? Duration.ZERO : opened.timeout();
    Number seconds = Durations.seconds(timeout);
    Outcome outcome =
        switch (opened.awaited()) {
          case Child child -> ChildOutcome.timedOut(child.until(), child.executionId(), seconds);
        };
    if (!opened.stepLimit()) {
      return outcome;
    }
    // The limit of a step is soft whatever it waits for.
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status", Status.TIMEOUT.word());
    switch (opened.awaited()) {
      case Child child -> data.put("execution_id", io.noetl.envelope.Ids.text(child.executionId()));
    }
    data.put("timeout_seconds", seconds);
    return new Outcome(
        Status.TIMEOUT,
        Shape.SINGLE,
        data,
        Errors.timeout("Step timed out after " + seconds + " s"),
        false,
        null,
        Map.of(),
        null,
        null);
  }
}
