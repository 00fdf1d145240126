package io.noetl.journal;

import static io.noetl.journal.EventCodec.COMMAND;
import static io.noetl.journal.EventCodec.CONTEXT;
import static io.noetl.journal.EventCodec.ERROR;
import static io.noetl.journal.EventCodec.META;
import static io.noetl.journal.EventCodec.RESULT;
import static io.noetl.journal.EventCodec.SCHEMA;
import static io.noetl.journal.EventCodec.STEP;
import static io.noetl.journal.EventCodec.VERSION;
import static io.noetl.journal.EventCodec.WORKER;

import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionEvent.CallFinished;
import io.noetl.execution.ExecutionEvent.Cancelled;
import io.noetl.execution.ExecutionEvent.CommandExpired;
import io.noetl.execution.ExecutionEvent.CommandIssued;
import io.noetl.execution.ExecutionEvent.Completed;
import io.noetl.execution.ExecutionEvent.Completion;
import io.noetl.execution.ExecutionEvent.CtxUpdated;
import io.noetl.execution.ExecutionEvent.CtxWrite;
import io.noetl.execution.ExecutionEvent.CursorStarted;
import io.noetl.execution.ExecutionEvent.Failed;
import io.noetl.execution.ExecutionEvent.FrameClaimed;
import io.noetl.execution.ExecutionEvent.IterationFinished;
import io.noetl.execution.ExecutionEvent.LoopDone;
import io.noetl.execution.ExecutionEvent.LoopStarted;
import io.noetl.execution.ExecutionEvent.Paused;
import io.noetl.execution.ExecutionEvent.Recorded;
import io.noetl.execution.ExecutionEvent.Resumed;
import io.noetl.execution.ExecutionEvent.SignalReceived;
import io.noetl.execution.ExecutionEvent.StepExited;
import io.noetl.execution.ExecutionEvent.StepSkipped;
import io.noetl.execution.ExecutionEvent.Taken;
import io.noetl.execution.ExecutionEvent.WaitOpened;
import io.noetl.execution.LoopItems;
import io.noetl.playbook.Durations;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From stored members to events; the other half of {@link EventCodec}. */
final class EventDecoder {
  private EventDecoder() {}

  /**
   * @param type the stored event type
   * @throws IllegalArgumentException when the members are damaged or of a schema that this version
   *     does not know; the message names the member, not its value
   */
  static ExecutionEvent decode(String type, Map<String, @Nullable Object> in) {
    String schema = Members.text(in, SCHEMA);
    int version = Members.number(in, VERSION);
    int newest = schema.equals("loop_started") || schema.equals("ctx_updated") ? 2 : 1;
    if (version < 1 || version > newest) {
      throw new IllegalArgumentException(
          "Expected schema "
              + schema
              + " in version "
              + newest
              + " or older, but got version "
              + version);
    }
    return switch (schema) {
      case "started" -> GenesisCodec.started(in);
      case "forked" -> new ExecutionEvent.Forked(GenesisCodec.started(in), GenesisCodec.kept(in));
      case "ctx_updated" -> ctxUpdated(in);
      case "command_issued" -> {
        Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
        yield new CommandIssued(
            Members.text(in, STEP),
            Members.number(context, "visit"),
            Members.numberOrNull(context, "iteration"),
            kind(Members.text(context, "action")),
            Members.text(context, "pool"),
            Members.textOrNull(context, "from"));
      }
      case "waiting" -> waiting(in);
      case "command_expired" ->
          new CommandExpired(
              Members.id(in, COMMAND),
              Members.text(in, STEP),
              Members.number(Members.map(in, META), "attempt"),
              Members.textOrNull(in, WORKER));
      case "call_finished" -> callFinished(in);
      case "loop_started" -> {
        Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
        yield new LoopStarted(
            Members.text(in, STEP),
            Members.number(context, "visit"),
            items(context, version),
            Members.number(context, "max_in_flight"),
            Members.textOrNull(context, "from"));
      }
      case "cursor_started" -> {
        Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
        yield new CursorStarted(
            Members.text(in, STEP),
            Members.number(context, "visit"),
            Members.number(context, "max_rows"),
            Members.number(context, "row_concurrency"),
            Boolean.TRUE.equals(context.get("whole_frames")),
            Members.textOrNull(context, "from"));
      }
      case "frame_claimed" -> frameClaimed(in);
      case "iteration_finished" -> iterationFinished(in);
      case "loop_done" -> {
        Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
        yield new LoopDone(
            Members.text(in, STEP), Members.number(context, "visit"), completion(in, context));
      }
      case "step_exited" -> {
        Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
        yield new StepExited(
            Members.text(in, STEP),
            Members.number(context, "visit"),
            completion(in, context),
            Members.textOrNull(context, "from"));
      }
      case "step_skipped" -> {
        Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
        yield new StepSkipped(
            Members.text(in, STEP),
            takenArcs(Members.list(context, "arcs")),
            Members.textOrNull(context, "fault"));
      }
      case "completed" -> new Completed(Members.map(in, CONTEXT).get("result"));
      case "failed" ->
          new Failed(
              Members.text(in, ERROR),
              texts(Members.list(Members.map(in, CONTEXT), "failed_steps")));
      case "signal_received" -> {
        Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
        yield new SignalReceived(
            Members.text(context, "name"), context.get("data"), Members.textOrNull(context, "key"));
      }
      case "paused" -> new Paused(Members.text(Members.map(in, CONTEXT), "reason"));
      case "resumed" -> new Resumed(Members.text(Members.map(in, CONTEXT), "reason"));
      case "cancelled" -> {
        Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
        yield new Cancelled(
            Members.text(context, "reason"), !Boolean.FALSE.equals(context.get("cascade")));
      }
      case "recorded" -> recorded(type, in);
      default -> throw new IllegalArgumentException("Expected a known schema, but got " + schema);
    };
  }

  private static LoopItems items(Map<String, @Nullable Object> context, int version) {
    if (version == 1 || context.get("items") != null) {
      return new LoopItems.Listed(Members.list(context, "items"));
    }
    int total = Members.number(context, "iterations_expected");
    if (context.get("pages") == null) {
      return new LoopItems.Numbers(total);
    }
    Map<String, @Nullable Object> pages = Members.map(context, "pages");
    return new LoopItems.Paged(
        total, Members.number(pages, "per_page"), texts(Members.list(pages, "uris")));
  }

  private static WaitOpened waiting(Map<String, @Nullable Object> in) {
    Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
    Object seconds = context.get("timeout_seconds");
    Duration timeout = Durations.parse(seconds);
    if (seconds != null && timeout == null) {
      throw new IllegalArgumentException("Expected timeout_seconds to be a number of seconds");
    }
    return new WaitOpened(
        Members.text(in, STEP),
        Members.number(context, "visit"),
        Members.numberOrNull(context, "iteration"),
        WaitCodec.decode(Members.map(context, "awaited")),
        timeout,
        Boolean.TRUE.equals(context.get("step_limit")),
        Members.textOrNull(context, "from"));
  }

  private static Completion completion(
      Map<String, @Nullable Object> in, Map<String, @Nullable Object> context) {
    return new Completion(
        OutcomeCodec.decode(Members.map(in, RESULT)),
        takenArcs(Members.list(context, "arcs")),
        Boolean.TRUE.equals(context.get("unhandled")),
        Members.textOrNull(context, "fault"));
  }

  private static List<Taken> takenArcs(List<? extends @Nullable Object> stored) {
    List<Taken> arcs = new ArrayList<>(stored.size());
    for (Object arc : stored) {
      switch (arc) {
        case String target -> arcs.add(new Taken(target, true));
        case Map<?, ?> map when map.get("absorbed") instanceof String target ->
            arcs.add(new Taken(target, false));
        case null, default ->
            throw new IllegalArgumentException("Expected an arc to be a step name or {absorbed}");
      }
    }
    return arcs;
  }

  private static CtxUpdated ctxUpdated(Map<String, @Nullable Object> in) {
    List<CtxWrite> writes = new ArrayList<>();
    for (Object item : Members.list(Members.map(in, CONTEXT), "values")) {
      if (!(item instanceof Map<?, ?> value) || !(value.get("path") instanceof List<?> path)) {
        throw new IllegalArgumentException("Expected values[] to be {path, value}");
      }
      writes.add(new CtxWrite(texts(path), value.get("value")));
    }
    Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
    return new CtxUpdated(
        Members.textOrNull(in, STEP),
        writes,
        context.get("warnings") == null ? List.of() : texts(Members.list(context, "warnings")),
        context.get("removed") == null ? List.of() : texts(Members.list(context, "removed")),
        context.get("types") == null ? Map.of() : types(Members.map(context, "types")));
  }

  private static Map<String, String> types(Map<String, @Nullable Object> stored) {
    Map<String, String> types = new LinkedHashMap<>();
    stored.keySet().forEach(name -> types.put(name, Members.text(stored, name)));
    return types;
  }

  private static CallFinished callFinished(Map<String, @Nullable Object> in) {
    Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
    Map<String, @Nullable Object> meta = Members.map(in, META);
    String claimed = Members.textOrNull(context, "claimed_at");
    return new CallFinished(
        Members.id(in, COMMAND),
        Members.text(in, STEP),
        Members.number(context, "visit"),
        completion(in, context),
        Members.number(meta, "attempt"),
        Members.number(meta, "fence"),
        Members.textOrNull(in, WORKER),
        claimed == null ? null : Instant.parse(claimed),
        Boolean.TRUE.equals(context.get("dead")));
  }

  private static FrameClaimed frameClaimed(Map<String, @Nullable Object> in) {
    Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
    Map<String, @Nullable Object> meta = Members.map(in, META);
    String claimed = Members.textOrNull(context, "claimed_at");
    return new FrameClaimed(
        Members.idOrNull(in, COMMAND),
        Members.text(in, STEP),
        Members.number(context, "visit"),
        Members.number(context, "frame"),
        items(context, 2),
        in.get(RESULT) == null ? null : OutcomeCodec.decode(Members.map(in, RESULT)),
        Members.number(meta, "attempt"),
        Members.number(meta, "fence"),
        Members.textOrNull(in, WORKER),
        claimed == null ? null : Instant.parse(claimed),
        Boolean.TRUE.equals(context.get("dead")));
  }

  private static IterationFinished iterationFinished(Map<String, @Nullable Object> in) {
    Map<String, @Nullable Object> context = Members.map(in, CONTEXT);
    Map<String, @Nullable Object> meta = Members.map(in, META);
    String claimed = Members.textOrNull(context, "claimed_at");
    return new IterationFinished(
        Members.idOrNull(in, COMMAND),
        Members.text(in, STEP),
        Members.number(context, "visit"),
        Members.number(context, "iteration"),
        OutcomeCodec.decode(Members.map(in, RESULT)),
        Boolean.TRUE.equals(context.get("stops")),
        Members.number(meta, "attempt"),
        Members.number(meta, "fence"),
        Members.textOrNull(in, WORKER),
        claimed == null ? null : Instant.parse(claimed),
        Boolean.TRUE.equals(context.get("dead")));
  }

  private static Recorded recorded(String type, Map<String, @Nullable Object> in) {
    Long commandId = Members.idOrNull(in, COMMAND);
    Outcome reported =
        commandId != null && in.get(RESULT) != null
            ? OutcomeCodec.decode(Members.map(in, RESULT))
            : null;
    Map<String, @Nullable Object> envelope = new LinkedHashMap<>(in);
    envelope.remove(SCHEMA);
    envelope.remove(VERSION);
    envelope.remove(COMMAND);
    if (reported != null) {
      envelope.remove(RESULT);
    }
    return new Recorded(type, envelope, commandId, reported);
  }

  private static ToolKind kind(String word) {
    return ToolKind.of(word)
        .orElseThrow(
            () -> new IllegalArgumentException("Expected a known action, but got " + word));
  }

  private static List<String> texts(List<?> values) {
    List<String> out = new ArrayList<>(values.size());
    for (Object value : values) {
      if (!(value instanceof String text)) {
        throw new IllegalArgumentException("Expected an array of strings");
      }
      out.add(text);
    }
    return out;
  }
}
