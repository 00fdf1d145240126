package io.noetl.journal;

import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionEvent.Kept;
import io.noetl.execution.ExecutionEvent.Origin;
import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.ExecutionState.Pending;
import io.noetl.execution.ExecutionState.StepState;
import io.noetl.execution.Signals;
import io.noetl.playbook.value.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stored form of the first event of an execution: one that starts anew, and a fork. */
final class GenesisCodec {
  private static final String ORIGIN = "forked_from";
  private static final String KEPT = "kept";

  private GenesisCodec() {}

  static void started(
      Map<String, @Nullable Object> out, Map<String, @Nullable Object> context, Started e) {
    out.put("catalog_id", Ids.text(e.catalogId()));
    if (e.parentExecutionId() != null) {
      out.put("parent_execution_id", Ids.text(e.parentExecutionId()));
    }
    context.put("path", e.path());
    context.put("version", e.version());
    context.put("workload", e.workload());
    context.put("payload_keys", e.payloadKeys());
    context.put("entry_step", e.entryStep());
    if (e.parentCommandId() != null) {
      context.put("parent_command_id", Ids.text(e.parentCommandId()));
    }
    if (e.pool() != null) {
      context.put("pool", e.pool());
    }
    Map<String, @Nullable Object> settings = new LinkedHashMap<>();
    settings.put("soft_errors", e.settings().softErrors().name());
    settings.put("retype_strings", e.settings().retypeStrings());
    settings.put("max_in_flight", e.settings().maxInFlight());
    if (e.settings().deepMerge()) {
      settings.put("deep_merge", true);
    }
    context.put("settings", settings);
    Origin origin = e.origin();
    if (origin != null) {
      Map<String, @Nullable Object> from = new LinkedHashMap<>();
      from.put("execution_id", Ids.text(origin.executionId()));
      from.put("seq", origin.seq());
      from.put("root", Ids.text(origin.rootId()));
      context.put(ORIGIN, from);
    }
    out.put(EventCodec.CONTEXT, context);
  }

  static Started started(Map<String, @Nullable Object> in) {
    Map<String, @Nullable Object> context = Members.map(in, EventCodec.CONTEXT);
    Map<String, @Nullable Object> settings = Members.map(context, "settings");
    Map<String, @Nullable Object> from =
        context.get(ORIGIN) == null ? null : Members.map(context, ORIGIN);
    return new Started(
        Members.id(in, "catalog_id"),
        Members.text(context, "path"),
        Members.number(context, "version"),
        Members.map(context, "workload"),
        texts(Members.list(context, "payload_keys")),
        Members.text(context, "entry_step"),
        Members.idOrNull(in, "parent_execution_id"),
        Members.idOrNull(context, "parent_command_id"),
        Members.textOrNull(context, "pool"),
        new ExecutionSettings(
            ExecutionSettings.SoftErrors.valueOf(Members.text(settings, "soft_errors")),
            Boolean.TRUE.equals(settings.get("retype_strings")),
            Members.number(settings, "max_in_flight"),
            Boolean.TRUE.equals(settings.get("deep_merge"))),
        from == null
            ? null
            : new Origin(
                Members.id(from, "execution_id"),
                Members.number(from, "seq"),
                Members.id(from, "root")));
  }

  static void kept(Map<String, @Nullable Object> context, Kept kept) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    Map<String, @Nullable Object> steps = new LinkedHashMap<>();
    kept.steps().forEach((name, step) -> steps.put(name, step(step)));
    out.put("steps", steps);
    out.put("variables", kept.ctx());
    List<@Nullable Object> pending = new ArrayList<>();
    for (Pending token : kept.pending()) {
      Map<String, @Nullable Object> stored = new LinkedHashMap<>();
      stored.put("step", token.step());
      if (token.from() != null) {
        stored.put("from", token.from());
      }
      pending.add(stored);
    }
    out.put("pending", pending);
    out.put("steps_done", kept.stepsDone());
    out.put("failed_steps", kept.failedSteps());
    if (kept.failure() != null) {
      out.put("failure", kept.failure());
    }
    if (kept.lastLeaf() != null) {
      out.put("last_leaf", kept.lastLeaf());
    }
    List<@Nullable Object> signals = new ArrayList<>();
    for (Signals.Kept signal : kept.signals()) {
      Map<String, @Nullable Object> stored = new LinkedHashMap<>();
      stored.put("name", signal.name());
      stored.put("data", signal.data());
      if (signal.key() != null) {
        stored.put("key", signal.key());
      }
      signals.add(stored);
    }
    out.put("signals", signals);
    List<@Nullable Object> keys = new ArrayList<>();
    for (Signals.Seen seen : kept.signalKeys()) {
      Map<String, @Nullable Object> stored = new LinkedHashMap<>();
      stored.put("name", seen.name());
      stored.put("key", seen.key());
      keys.add(stored);
    }
    out.put("signal_keys", keys);
    context.put(KEPT, out);
  }

  private static Map<String, @Nullable Object> step(StepState step) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("visits", step.visits());
    out.put("finished", step.finished());
    out.put("skips", step.skips());
    out.put("seq", step.finishedSeq());
    if (step.from() != null) {
      out.put("from", step.from());
    }
    if (step.failed()) {
      out.put("failed", true);
    }
    Outcome outcome = step.outcome();
    if (outcome != null) {
      out.put("outcome", OutcomeCodec.encode(outcome));
    }
    return out;
  }

  static Kept kept(Map<String, @Nullable Object> in) {
    Map<String, @Nullable Object> kept = Members.map(Members.map(in, EventCodec.CONTEXT), KEPT);
    Map<String, StepState> steps = new LinkedHashMap<>();
    Map<String, @Nullable Object> stored = Members.map(kept, "steps");
    for (String name : stored.keySet()) {
      Map<String, @Nullable Object> step = Members.map(stored, name);
      steps.put(
          name,
          new StepState(
              Members.number(step, "visits"),
              Members.number(step, "finished"),
              Members.number(step, "skips"),
              false,
              step.get("outcome") == null
                  ? null
                  : OutcomeCodec.decode(Members.map(step, "outcome")),
              Members.textOrNull(step, "from"),
              Boolean.TRUE.equals(step.get("failed")),
              Members.number(step, "seq")));
    }
    List<Pending> pending = new ArrayList<>();
    for (Map<String, @Nullable Object> token : maps(kept, "pending")) {
      pending.add(new Pending(Members.text(token, "step"), Members.textOrNull(token, "from")));
    }
    List<Signals.Kept> signals = new ArrayList<>();
    for (Map<String, @Nullable Object> signal : maps(kept, "signals")) {
      signals.add(
          new Signals.Kept(
              Members.text(signal, "name"), signal.get("data"), Members.textOrNull(signal, "key")));
    }
    List<Signals.Seen> keys = new ArrayList<>();
    for (Map<String, @Nullable Object> seen : maps(kept, "signal_keys")) {
      keys.add(new Signals.Seen(Members.text(seen, "name"), Members.text(seen, "key")));
    }
    return new Kept(
        steps,
        Members.map(kept, "variables"),
        pending,
        Members.number(kept, "steps_done"),
        texts(Members.list(kept, "failed_steps")),
        Members.textOrNull(kept, "failure"),
        Members.textOrNull(kept, "last_leaf"),
        signals,
        keys);
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static List<Map<String, @Nullable Object>> maps(
      Map<String, @Nullable Object> in, String name) {
    List<Map<String, @Nullable Object>> maps = new ArrayList<>();
    for (Object item : Members.list(in, name)) {
      if (!(item instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException("Expected " + name + "[] to be objects");
      }
      maps.add((Map<String, @Nullable Object>) map);
    }
    return maps;
  }

  private static List<String> texts(List<?> values) {
    return values.stream().map(String::valueOf).toList();
  }
}
