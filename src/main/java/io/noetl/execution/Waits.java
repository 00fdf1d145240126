package io.noetl.execution;

import io.noetl.envelope.Ids;
import io.noetl.execution.Awaited.Child;
import io.noetl.execution.Awaited.Signal;
import io.noetl.execution.Awaited.Timer;
import io.noetl.execution.ChildCalls.Call;
import io.noetl.execution.ChildCalls.Unclear;
import io.noetl.execution.ExecutionEvent.WaitOpened;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.json.Json;
import io.noetl.json.Weight;
import io.noetl.playbook.Durations;
import io.noetl.playbook.Step;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.ToolSpec;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Begins what a step waits for, and says what it comes to when the time is over. */
final class Waits {
  private final Transition transition;

  Waits(Transition transition) {
    this.transition = transition;
  }

  /** Whether the server alone can serve this tool, by a wait. */
  static boolean serves(ToolSpec spec) {
    return spec.kind() == ToolKind.WAIT || ChildCalls.needNoWorker(spec);
  }

  /**
   * Opens the wait of a visit, or of an iteration. When a signal that it waits for has come before,
   * the visit or iteration also ends here.
   *
   * @param context of the call, with its fields and input rendered
   * @return why there is nothing to wait for, else null
   */
  @Nullable Outcome open(
      Step step,
      ToolSpec spec,
      int visit,
      @Nullable Integer iteration,
      @Nullable String from,
      Map<String, @Nullable Object> context) {
    if (spec.kind() == ToolKind.PLAYBOOK) {
      return child(step, visit, iteration, from, context);
    }
    if (CommandContexts.needsWorker(spec)) {
      return Outcome.hard(
          Errors.configuration(
              "Invalid wait config: Expected fields that the server can render, but they read a"
                  + " name that only a worker knows, such as keychain"));
    }
    switch (WaitCalls.read(CommandContexts.rendered(context))) {
      case WaitCalls.Unclear(Outcome outcome) -> {
        return outcome;
      }
      case WaitCalls.Wait(Awaited awaited, Duration timeout) -> {
        long id = opened(step, visit, iteration, from, awaited, timeout);
        if (awaited instanceof Signal signal) {
          Signals.Kept kept = transition.state().signals().first(signal.name());
          OpenWait wait = transition.state().waits().get(id);
          if (kept != null && wait != null) {
            endHere(step, wait, got(kept.name(), kept.data()));
          }
        }
        return null;
      }
    }
  }

  /** Ends a wait that this decision has opened; what follows it is for whoever opened it. */
  private void endHere(Step step, OpenWait wait, Outcome outcome) {
    transition.close(wait.waitId());
    Integer iteration = wait.iteration();
    if (iteration != null) {
      transition.emit(
          new ExecutionEvent.IterationFinished(
              wait.waitId(),
              step.name(),
              wait.visit(),
              iteration,
              outcome,
              false,
              0,
              0,
              null,
              null,
              false));
      return;
    }
    new Finish(transition)
        .finish(
            step,
            outcome,
            List.of(),
            completion ->
                new ExecutionEvent.CallFinished(
                    wait.waitId(), step.name(), wait.visit(), completion, 0, 0, null, null, false));
  }

  private @Nullable Outcome child(
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
        Child child = call.child(transition.mint().nextId(), transition.state().begun().pool());
        opened(step, visit, iteration, from, child, call.timeout());
        return null;
      }
    }
  }

  /** How long the JSON of the payload is, where that may be over a limit; else something below. */
  private static long bytesIfOver(Map<String, @Nullable Object> payload, int limit) {
    return Weight.mayBeOver(payload, limit) ? Json.bytes(payload).length : 0;
  }

  /**
   * @param own limit of the tool, or how long a timer runs
   * @return the id of the wait
   */
  private long opened(
      Step step,
      int visit,
      @Nullable Integer iteration,
      @Nullable String from,
      Awaited awaited,
      @Nullable Duration own) {
    Duration limit = CommandContexts.timeout(transition, step);
    Duration soonest =
        awaited instanceof Timer(Instant until) && until != null
            ? Duration.between(transition.mint().now(), until)
            : own;
    boolean ofStep = limit != null && (soonest == null || limit.compareTo(soonest) < 0);
    return transition
        .emit(
            new WaitOpened(
                step.name(), visit, iteration, awaited, ofStep ? limit : own, ofStep, from))
        .eventId();
  }

  /** The outcome of a wait for a signal that came. */
  static Outcome got(String name, @Nullable Object data) {
    Map<String, @Nullable Object> value = new LinkedHashMap<>();
    value.put("status", "ok");
    value.put("signal", name);
    value.put("data", data);
    return Outcome.success(value);
  }

  /** The outcome of a wait whose time is over. */
  static Outcome expired(OpenWait wait) {
    WaitOpened opened = wait.opened();
    Duration timeout = opened.timeout() == null ? Duration.ZERO : opened.timeout();
    Number seconds = Durations.seconds(timeout);
    if (opened.stepLimit()) {
      // The limit of a step is soft whatever it waits for.
      return late(opened.awaited(), seconds, "Step timed out after " + seconds + " s");
    }
    return switch (opened.awaited()) {
      case Child child -> ChildOutcome.timedOut(child.until(), child.executionId(), seconds);
      case Signal signal ->
          late(
              signal,
              seconds,
              "no signal '" + signal.name() + "' came within " + seconds + " s (timeout)");
      case Timer timer -> {
        Map<String, @Nullable Object> value = new LinkedHashMap<>();
        value.put("status", "ok");
        if (timer.until() != null) {
          value.put("until", timer.until().toString());
        } else {
          value.put("seconds", seconds);
        }
        yield Outcome.success(value);
      }
    };
  }

  private static Outcome late(Awaited awaited, Number seconds, String sentence) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status", Status.TIMEOUT.word());
    switch (awaited) {
      case Child child -> data.put("execution_id", Ids.text(child.executionId()));
      case Signal signal -> data.put("signal", signal.name());
      case Timer timer -> {
        if (timer.until() != null) {
          data.put("until", timer.until().toString());
        }
      }
    }
    data.put("timeout_seconds", seconds);
    return new Outcome(
        Status.TIMEOUT,
        Shape.SINGLE,
        data,
        Errors.timeout(sentence),
        false,
        null,
        Map.of(),
        null,
        null);
  }
}
