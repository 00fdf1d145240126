package io.noetl.journal;

import io.noetl.envelope.Ids;
import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.ExecutionState.OpenWait;
import io.noetl.execution.ExecutionState.Pending;
import io.noetl.execution.ExecutionState.StepState;
import io.noetl.execution.LoopItems;
import io.noetl.execution.LoopRun;
import io.noetl.execution.Signals;
import io.noetl.json.Json;
import io.noetl.playbook.value.Outcome;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of an execution as a document, and its checksum. A later version must give the same
 * checksum for the same events, so members that are empty are left out: what a later version adds
 * to the state is empty for what is stored today.
 */
public final class StateDocument {
  private StateDocument() {}

  /** Members in the order of their names; maps of the playbook keep their own order. */
  public static Map<String, @Nullable Object> of(ExecutionState state) {
    Map<String, @Nullable Object> out = new TreeMap<>();
    out.put("execution_id", Ids.text(state.executionId()));
    out.put("status", state.status().name());
    out.put("seq", state.seq());
    Started started = state.started();
    if (started != null) {
      out.put("catalog_id", Ids.text(started.catalogId()));
      out.put("path", started.path());
      out.put("version", started.version());
      put(out, "workload", started.workload());
      put(out, "parent_execution_id", idOrNull(started.parentExecutionId()));
      put(out, "pool", started.pool());
      if (started.origin() != null) {
        Map<String, @Nullable Object> from = new TreeMap<>();
        from.put("execution_id", Ids.text(started.origin().executionId()));
        from.put("seq", started.origin().seq());
        out.put("forked_from", from);
      }
    }
    put(out, "started_at", state.startedAt() == null ? null : state.startedAt().toString());
    put(out, "ended_at", state.endedAt() == null ? null : state.endedAt().toString());
    put(out, "variables", new TreeMap<>(state.ctx()));
    Map<String, @Nullable Object> steps = new TreeMap<>();
    state.steps().forEach((name, step) -> steps.put(name, step(step)));
    put(out, "steps", steps);
    Map<String, @Nullable Object> loops = new TreeMap<>();
    state.loops().forEach((name, loop) -> loops.put(name, loop(loop)));
    put(out, "loops", loops);
    Map<String, @Nullable Object> commands = new TreeMap<>();
    state.commands().forEach((id, command) -> commands.put(Ids.text(id), command(command)));
    put(out, "commands", commands);
    Map<String, @Nullable Object> waits = new TreeMap<>();
    state.waits().forEach((id, wait) -> waits.put(Ids.text(id), wait(wait)));
    put(out, "waits", waits);
    List<@Nullable Object> pending = new ArrayList<>();
    for (Pending step : state.pending()) {
      Map<String, @Nullable Object> shown = new TreeMap<>();
      shown.put("step", step.step());
      put(shown, "from", step.from());
      pending.add(shown);
    }
    put(out, "pending", pending);
    put(out, "steps_done", state.stepsDone());
    put(out, "failed_steps", List.copyOf(state.failedSteps()));
    put(out, "failure", state.failure());
    put(out, "last_leaf", state.lastLeaf());
    put(out, "result", state.result());
    put(out, "error", state.error());
    List<@Nullable Object> signals = new ArrayList<>();
    for (Signals.Kept signal : state.signals().kept()) {
      Map<String, @Nullable Object> shown = new TreeMap<>();
      shown.put("name", signal.name());
      put(shown, "data", signal.data());
      put(shown, "key", signal.key());
      signals.add(shown);
    }
    put(out, "signals", signals);
    List<@Nullable Object> keys = new ArrayList<>();
    state.signals().seen().forEach(seen -> keys.add(List.of(seen.name(), seen.key())));
    put(out, "signal_keys", keys);
    return out;
  }

  private static Map<String, @Nullable Object> step(StepState step) {
    Map<String, @Nullable Object> out = new TreeMap<>();
    out.put("visits", step.visits());
    out.put("finished", step.finished());
    put(out, "skips", step.skips());
    put(out, "running", step.running());
    put(out, "failed", step.failed());
    put(out, "from", step.from());
    put(out, "outcome", outcome(step.outcome()));
    return out;
  }

  private static @Nullable Object outcome(@Nullable Outcome outcome) {
    return outcome == null ? null : OutcomeCodec.encode(outcome);
  }

  private static Map<String, @Nullable Object> loop(LoopRun loop) {
    Map<String, @Nullable Object> out = new TreeMap<>();
    out.put("visit", loop.visit());
    out.put("items", items(loop.items()));
    out.put("max_in_flight", loop.maxInFlight());
    put(out, "next", loop.next());
    put(out, "in_flight", loop.inFlight());
    put(out, "succeeded", loop.succeeded());
    put(out, "failed", loop.failed());
    put(out, "bytes", loop.bytes());
    put(out, "stopped", outcome(loop.stopped()));
    LoopRun.Frames frames = loop.frames();
    if (frames != null) {
      Map<String, @Nullable Object> cursor = new TreeMap<>();
      cursor.put("max_rows", frames.maxRows());
      put(cursor, "whole_frames", frames.whole());
      put(cursor, "claimed", frames.claimed());
      put(cursor, "before", frames.before());
      put(cursor, "claiming", frames.claiming());
      put(cursor, "drained", frames.drained());
      out.put("cursor", cursor);
    }
    return out;
  }

  private static Map<String, @Nullable Object> items(LoopItems items) {
    Map<String, @Nullable Object> out = new TreeMap<>();
    out.put("total", items.total());
    switch (items) {
      // The number of items says it all.
      case LoopItems.Numbers _ -> {}
      case LoopItems.Listed listed -> out.put("list", listed.items());
      case LoopItems.Paged paged -> {
        out.put("per_page", paged.perPage());
        out.put("uris", paged.uris());
      }
    }
    return out;
  }

  private static Map<String, @Nullable Object> wait(OpenWait wait) {
    Map<String, @Nullable Object> out = new TreeMap<>();
    out.put("step", wait.step());
    out.put("visit", wait.visit());
    put(out, "iteration", wait.iteration());
    out.put("awaited", WaitCodec.encode(wait.opened().awaited()));
    return out;
  }

  private static Map<String, @Nullable Object> command(OpenCommand command) {
    Map<String, @Nullable Object> out = new TreeMap<>();
    out.put("step", command.step());
    out.put("visit", command.visit());
    put(out, "iteration", command.iteration());
    out.put("kind", command.kind().word());
    out.put("pool", command.pool());
    put(out, "attempts", command.attempts());
    put(out, "reported", outcome(command.reported()));
    return out;
  }

  private static @Nullable String idOrNull(@Nullable Long id) {
    return id == null ? null : Ids.text(id);
  }

  private static void put(Map<String, @Nullable Object> out, String name, @Nullable Object value) {
    boolean empty =
        switch (value) {
          case null -> true;
          case Map<?, ?> map -> map.isEmpty();
          case List<?> list -> list.isEmpty();
          case Integer number -> number == 0;
          case Long number -> number == 0;
          case Boolean flag -> !flag;
          default -> false;
        };
    if (!empty) {
      out.put(name, value);
    }
  }

  /** SHA-256 of the document in a form that does not depend on the order of members. */
  public static String checksum(Map<String, @Nullable Object> document) {
    byte[] canonical = Json.text(canonical(document)).getBytes(StandardCharsets.UTF_8);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(canonical));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Expected every JDK to have SHA-256", e);
    }
  }

  private static @Nullable Object canonical(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> sorted = new TreeMap<>();
        map.forEach((name, member) -> sorted.put(String.valueOf(name), canonical(member)));
        yield new LinkedHashMap<>(sorted);
      }
      case List<?> list -> {
        List<@Nullable Object> items = new ArrayList<>(list.size());
        list.forEach(item -> items.add(canonical(item)));
        yield items;
      }
      // The same number has one text, whatever type it was read as.
      case Integer number -> (Long) number.longValue();
      case Short number -> (Long) number.longValue();
      case BigInteger number -> number.bitLength() < 64 ? (Number) number.longValue() : number;
      case Float number -> (Double) number.doubleValue();
      case BigDecimal number -> number.stripTrailingZeros();
      case null, default -> value;
    };
  }
}
