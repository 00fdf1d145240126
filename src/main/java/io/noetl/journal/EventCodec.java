package io.noetl.journal;

import io.noetl.envelope.EventType;
import io.noetl.envelope.Ids;
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
import io.noetl.execution.ExecutionEvent.Forked;
import io.noetl.execution.ExecutionEvent.FrameClaimed;
import io.noetl.execution.ExecutionEvent.IterationFinished;
import io.noetl.execution.ExecutionEvent.LoopDone;
import io.noetl.execution.ExecutionEvent.LoopStarted;
import io.noetl.execution.ExecutionEvent.Paused;
import io.noetl.execution.ExecutionEvent.Recorded;
import io.noetl.execution.ExecutionEvent.Resumed;
import io.noetl.execution.ExecutionEvent.SignalReceived;
import io.noetl.execution.ExecutionEvent.Started;
import io.noetl.execution.ExecutionEvent.StepExited;
import io.noetl.execution.ExecutionEvent.StepSkipped;
import io.noetl.execution.ExecutionEvent.Taken;
import io.noetl.execution.ExecutionEvent.WaitOpened;
import io.noetl.execution.LoopItems;
import io.noetl.playbook.Durations;
import io.noetl.playbook.value.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stored form of every event: the members of the envelope beside its columns, with the name and
 * version of their schema. A name and version once released are read for ever; a changed event gets
 * a new version here, and golden files keep the old ones alive.
 */
public final class EventCodec {
  static final String SCHEMA = "schema_name";
  static final String VERSION = "schema_version";
  static final String STEP = "step";
  static final String STATUS = "status";
  static final String CONTEXT = "context";
  static final String RESULT = "result";
  static final String ERROR = "error";
  static final String COMMAND = "command_id";
  static final String WORKER = "worker_id";
  static final String META = "meta";

  private EventCodec() {}

  /** The wire name of the event. */
  public static String type(ExecutionEvent event) {
    return switch (event) {
      case Started _, Forked _ -> EventType.PLAYBOOK_STARTED;
      case CtxUpdated _ -> EventType.CTX_UPDATED;
      case CommandIssued _ -> EventType.COMMAND_ISSUED;
      case WaitOpened _ -> EventType.STEP_WAITING;
      case CommandExpired _ -> EventType.COMMAND_EXPIRED;
      case CallFinished e ->
          e.dead()
              ? EventType.COMMAND_FAILED
              : e.completion().outcome().succeeded() ? EventType.CALL_DONE : EventType.CALL_ERROR;
      case LoopStarted _ -> EventType.LOOP_STARTED;
      case CursorStarted _ -> EventType.LOOP_STARTED;
      case FrameClaimed e ->
          e.dead()
              ? EventType.COMMAND_FAILED
              : e.failure() == null ? EventType.CALL_DONE : EventType.CALL_ERROR;
      case IterationFinished e ->
          e.dead()
              ? EventType.COMMAND_FAILED
              : e.outcome().succeeded() ? EventType.CALL_DONE : EventType.CALL_ERROR;
      case LoopDone _ -> EventType.LOOP_DONE;
      case StepExited _ -> EventType.STEP_EXIT;
      case StepSkipped _ -> EventType.STEP_SKIPPED;
      case Completed _ -> EventType.PLAYBOOK_COMPLETED;
      case Failed _ -> EventType.PLAYBOOK_FAILED;
      case Cancelled _ -> EventType.PLAYBOOK_CANCELLED;
      case SignalReceived _ -> EventType.SIGNAL_RECEIVED;
      case Paused _ -> EventType.EXECUTION_PAUSED;
      case Resumed _ -> EventType.EXECUTION_RESUMED;
      case Recorded e -> e.type();
    };
  }

  /** The members to store. */
  public static Map<String, @Nullable Object> encode(ExecutionEvent event) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    switch (event) {
      case Started e -> {
        schema(out, "started", "STARTED");
        GenesisCodec.started(out, context, e);
      }
      case Forked e -> {
        schema(out, "forked", "STARTED");
        GenesisCodec.started(out, context, e.started());
        GenesisCodec.kept(context, e.kept());
      }
      case CtxUpdated e -> {
        schema(out, "ctx_updated", "COMPLETED");
        if (e.step() != null) {
          out.put(STEP, e.step());
        }
        List<@Nullable Object> values = new ArrayList<>();
        for (CtxWrite write : e.writes()) {
          Map<String, @Nullable Object> value = new LinkedHashMap<>();
          value.put("path", write.path());
          value.put("value", write.value());
          values.add(value);
        }
        context.put("values", values);
        if (!e.warnings().isEmpty()) {
          context.put("warnings", e.warnings());
        }
        if (!e.removed().isEmpty() || !e.types().isEmpty()) {
          // What version 1 cannot say; whoever knows only that must not read past it.
          out.put(VERSION, 2);
          context.put("removed", e.removed());
          context.put("types", e.types());
        }
        out.put(CONTEXT, context);
      }
      case CommandIssued e -> {
        schema(out, "command_issued", "PENDING");
        out.put(STEP, e.step());
        context.put("visit", e.visit());
        if (e.iteration() != null) {
          context.put("iteration", e.iteration());
        }
        context.put("action", e.kind().word());
        context.put("pool", e.pool());
        if (e.from() != null) {
          context.put("from", e.from());
        }
        out.put(CONTEXT, context);
      }
      case WaitOpened e -> {
        schema(out, "waiting", "RUNNING");
        out.put(STEP, e.step());
        context.put("visit", e.visit());
        if (e.iteration() != null) {
          context.put("iteration", e.iteration());
        }
        if (e.from() != null) {
          context.put("from", e.from());
        }
        if (e.timeout() != null) {
          context.put("timeout_seconds", Durations.seconds(e.timeout()));
        }
        if (e.stepLimit()) {
          context.put("step_limit", true);
        }
        context.put("awaited", WaitCodec.encode(e.awaited()));
        out.put(CONTEXT, context);
      }
      case CommandExpired e -> {
        schema(out, "command_expired", "PENDING");
        out.put(STEP, e.step());
        out.put(COMMAND, Ids.text(e.commandId()));
        worker(out, e.workerId());
        out.put(META, meta(e.attempt(), null));
      }
      case CallFinished e -> {
        schema(out, "call_finished", e.completion().outcome().succeeded() ? "COMPLETED" : "FAILED");
        out.put(STEP, e.step());
        out.put(COMMAND, Ids.text(e.commandId()));
        worker(out, e.workerId());
        context.put("visit", e.visit());
        if (e.claimedAt() != null) {
          context.put("claimed_at", e.claimedAt().toString());
        }
        if (e.dead()) {
          context.put("dead", true);
        }
        completion(out, context, e.completion());
        out.put(META, meta(e.attempt(), e.fence()));
      }
      case LoopStarted e -> {
        schema(out, "loop_started", "ENTERED");
        out.put(VERSION, 2);
        out.put(STEP, e.step());
        context.put("visit", e.visit());
        context.put("iterations_expected", e.items().total());
        context.put("max_in_flight", e.maxInFlight());
        if (e.from() != null) {
          context.put("from", e.from());
        }
        items(context, e.items());
        out.put(CONTEXT, context);
      }
      case CursorStarted e -> {
        schema(out, "cursor_started", "ENTERED");
        out.put(STEP, e.step());
        context.put("visit", e.visit());
        context.put("max_rows", e.maxRows());
        context.put("row_concurrency", e.rowConcurrency());
        if (e.whole()) {
          context.put("whole_frames", true);
        }
        if (e.from() != null) {
          context.put("from", e.from());
        }
        out.put(CONTEXT, context);
      }
      case FrameClaimed e -> {
        Outcome failure = e.failure();
        schema(out, "frame_claimed", failure == null ? "COMPLETED" : "FAILED");
        out.put(STEP, e.step());
        if (e.commandId() != null) {
          out.put(COMMAND, Ids.text(e.commandId()));
        }
        worker(out, e.workerId());
        context.put("visit", e.visit());
        context.put("frame", e.frame());
        context.put("iterations_expected", e.rows().total());
        items(context, e.rows());
        if (e.claimedAt() != null) {
          context.put("claimed_at", e.claimedAt().toString());
        }
        if (e.dead()) {
          context.put("dead", true);
        }
        out.put(CONTEXT, context);
        if (failure != null) {
          out.put(RESULT, OutcomeCodec.encode(failure));
          String sentence = OutcomeCodec.sentence(failure);
          if (sentence != null) {
            out.put(ERROR, sentence);
          }
        }
        out.put(META, meta(e.attempt(), e.fence()));
      }
      case IterationFinished e -> {
        schema(out, "iteration_finished", e.outcome().succeeded() ? "COMPLETED" : "FAILED");
        out.put(STEP, e.step());
        if (e.commandId() != null) {
          out.put(COMMAND, Ids.text(e.commandId()));
        }
        worker(out, e.workerId());
        context.put("visit", e.visit());
        context.put("iteration", e.iteration());
        if (e.claimedAt() != null) {
          context.put("claimed_at", e.claimedAt().toString());
        }
        if (e.stops()) {
          context.put("stops", true);
        }
        if (e.dead()) {
          context.put("dead", true);
        }
        out.put(CONTEXT, context);
        out.put(RESULT, OutcomeCodec.encode(e.outcome()));
        String sentence = OutcomeCodec.sentence(e.outcome());
        if (sentence != null) {
          out.put(ERROR, sentence);
        }
        out.put(META, meta(e.attempt(), e.fence()));
      }
      case LoopDone e -> {
        schema(out, "loop_done", e.completion().outcome().succeeded() ? "COMPLETED" : "FAILED");
        out.put(STEP, e.step());
        context.put("visit", e.visit());
        completion(out, context, e.completion());
      }
      case StepExited e -> {
        schema(out, "step_exited", e.completion().outcome().succeeded() ? "COMPLETED" : "FAILED");
        out.put(STEP, e.step());
        context.put("visit", e.visit());
        if (e.from() != null) {
          context.put("from", e.from());
        }
        completion(out, context, e.completion());
      }
      case StepSkipped e -> {
        schema(out, "step_skipped", "SKIPPED");
        out.put(STEP, e.step());
        context.put("arcs", arcs(e.arcs()));
        if (e.fault() != null) {
          context.put("fault", e.fault());
          out.put(ERROR, e.fault());
        }
        out.put(CONTEXT, context);
      }
      case Completed e -> {
        schema(out, "completed", "COMPLETED");
        context.put("result", e.result());
        out.put(CONTEXT, context);
      }
      case Failed e -> {
        schema(out, "failed", "FAILED");
        context.put("failed_steps", e.failedSteps());
        out.put(CONTEXT, context);
        out.put(ERROR, e.error());
      }
      case Cancelled e -> {
        schema(out, "cancelled", "CANCELLED");
        context.put("reason", e.reason());
        if (!e.cascade()) {
          context.put("cascade", false);
        }
        out.put(CONTEXT, context);
      }
      case SignalReceived e -> {
        schema(out, "signal_received", "COMPLETED");
        context.put("name", e.name());
        context.put("data", e.data());
        if (e.key() != null) {
          context.put("key", e.key());
        }
        out.put(CONTEXT, context);
      }
      case Paused e -> {
        schema(out, "paused", "PAUSED");
        context.put("reason", e.reason());
        out.put(CONTEXT, context);
      }
      case Resumed e -> {
        schema(out, "resumed", "RUNNING");
        context.put("reason", e.reason());
        out.put(CONTEXT, context);
      }
      case Recorded e -> {
        out.putAll(e.envelope());
        out.put(SCHEMA, "recorded");
        out.put(VERSION, 1);
        if (e.commandId() != null) {
          out.put(COMMAND, Ids.text(e.commandId()));
        }
        if (e.reported() != null) {
          out.put(RESULT, OutcomeCodec.encode(e.reported()));
        }
      }
    }
    return out;
  }

  /**
   * @param type the stored event type
   * @throws IllegalArgumentException when the members are damaged or of a schema that this version
   *     does not know; the message names the member, not its value
   */
  public static ExecutionEvent decode(String type, Map<String, @Nullable Object> in) {
    return EventDecoder.decode(type, in);
  }

  private static void items(Map<String, @Nullable Object> context, LoopItems items) {
    switch (items) {
      // The number of items says it all.
      case LoopItems.Numbers _ -> {}
      case LoopItems.Listed listed -> context.put("items", listed.items());
      case LoopItems.Paged paged -> {
        Map<String, @Nullable Object> pages = new LinkedHashMap<>();
        pages.put("per_page", paged.perPage());
        pages.put("uris", paged.uris());
        context.put("pages", pages);
      }
    }
  }

  private static void schema(Map<String, @Nullable Object> out, String name, String status) {
    out.put(SCHEMA, name);
    out.put(VERSION, 1);
    out.put(STATUS, status);
  }

  private static void worker(Map<String, @Nullable Object> out, @Nullable String workerId) {
    if (workerId != null) {
      out.put(WORKER, workerId);
    }
  }

  private static Map<String, @Nullable Object> meta(int attempt, @Nullable Long fence) {
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("attempt", attempt);
    if (fence != null) {
      meta.put("fence", fence);
    }
    return meta;
  }

  private static void completion(
      Map<String, @Nullable Object> out,
      Map<String, @Nullable Object> context,
      Completion completion) {
    context.put("arcs", arcs(completion.arcs()));
    if (completion.unhandled()) {
      context.put("unhandled", true);
    }
    if (completion.fault() != null) {
      context.put("fault", completion.fault());
    }
    out.put(CONTEXT, context);
    out.put(RESULT, OutcomeCodec.encode(completion.outcome()));
    String sentence =
        completion.fault() != null
            ? completion.fault()
            : OutcomeCodec.sentence(completion.outcome());
    if (sentence != null) {
      out.put(ERROR, sentence);
    }
  }

  /** An arc that starts its target is its name; one that was absorbed is an object. */
  private static List<@Nullable Object> arcs(List<Taken> arcs) {
    List<@Nullable Object> out = new ArrayList<>(arcs.size());
    for (Taken arc : arcs) {
      out.add(arc.starts() ? arc.target() : Map.of("absorbed", arc.target()));
    }
    return out;
  }
}
