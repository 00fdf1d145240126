package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.EventCodec;
import io.noetl.journal.Replay;
import io.noetl.journal.StateDiff;
import io.noetl.journal.StateDocument;
import io.noetl.json.Json;
import io.noetl.query.ExecutionRow;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An execution as it was, and what changed between two moments. */
final class TimeTravelRoutes implements Resource {
  private final Replay replay;
  private final Owners owners;
  private final Summaries summaries;
  private final ApiLimits limits;

  TimeTravelRoutes(Replay replay, Owners owners, Summaries summaries, ApiLimits limits) {
    this.replay = replay;
    this.owners = owners;
    this.summaries = summaries;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes.get("/api/executions/{id}/diff", AccessClass.USER, this::diff);
  }

  private Reply diff(Call call) {
    long id = call.pathId("id");
    owners.require(call.tenant(), id);
    if (call.query("from_seq") == null) {
      throw Problems.badRequest("Expected from_seq, but it is missing").refusal();
    }
    Replay.Replayed from = at(id, call.queryNumber("from_seq", 0, 0, Integer.MAX_VALUE), null);
    Replay.Replayed to =
        call.query("to_seq") == null
            ? at(id, null, null)
            : at(id, call.queryNumber("to_seq", 0, 0, Integer.MAX_VALUE), null);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(id));
    out.put("from", place(from));
    out.put("to", place(to));
    out.put(
        "changes",
        Scrub.value(StateDiff.of(StateDocument.of(from.state()), StateDocument.of(to.state()))));
    return Reply.ok(out);
  }

  /**
   * An execution as it was.
   *
   * @return null when the call asks for it as it is
   */
  @Nullable Reply asOf(Call call, ExecutionRow row) {
    Instant time = call.queryTime("as_of");
    boolean positioned = call.query("as_of_seq") != null;
    if (time == null && !positioned) {
      return null;
    }
    if (time != null && positioned) {
      throw Problems.badRequest("Expected one of as_of and as_of_seq, but got both").refusal();
    }
    Replay.Replayed replayed =
        at(
            row.executionId(),
            positioned ? (Integer) call.queryNumber("as_of_seq", 1, 1, Integer.MAX_VALUE) : null,
            time);
    ExecutionState state = replayed.state();
    if (state.started() == null) {
      throw Problems.notFound(
              "execution "
                  + row.executionId()
                  + " had not begun then; it did at "
                  + row.startedAt())
          .refusal();
    }
    Map<String, @Nullable Object> out = summaries.summary(row(row, replayed));
    out.put("workload", Scrub.value(state.begun().workload()));
    out.put("events", List.of());
    out.put("events_included", false);
    out.put("events_endpoint", "/api/executions/" + row.executionId() + "/events");
    Map<String, @Nullable Object> pagination = new LinkedHashMap<>();
    pagination.put("page_size", 0);
    pagination.put("total_events", state.seq());
    pagination.put("has_prev", false);
    out.put("pagination", pagination);
    out.put("as_of", place(replayed));
    Map<String, @Nullable Object> document = StateDocument.of(state);
    out.put("state", Scrub.value(document));
    out.put("checksum", StateDocument.checksum(document));
    return Reply.ok(out);
  }

  /** The row that the execution had then. */
  private static ExecutionRow row(ExecutionRow now, Replay.Replayed replayed) {
    ExecutionState state = replayed.state();
    Object result = state.result();
    StoredEvent last = replayed.last();
    return new ExecutionRow(
        now.executionId(),
        now.tenantId(),
        state.begun().catalogId(),
        state.begun().path(),
        state.begun().version(),
        state.status(),
        state.seq(),
        state.begun().parentExecutionId(),
        null,
        state.steps().size(),
        state.stepsDone(),
        state.failedSteps().size(),
        state.commands().size() + state.waits().size(),
        state.error(),
        result == null ? null : Json.text(result),
        Objects.requireNonNullElse(state.startedAt(), now.startedAt()),
        last == null ? now.startedAt() : last.at(),
        state.endedAt());
  }

  private Replay.Replayed at(long id, @Nullable Integer seq, @Nullable Instant time) {
    Replay.Replayed replayed =
        seq != null && seq == 0
            ? new Replay.Replayed(ExecutionState.none(id), null, true, true)
            : replay.state(id, new Replay.Until(null, seq, time, limits.replayEvents()));
    if (!replayed.found() && replayed.complete()) {
      throw Problems.notFound("execution " + id + " has no event at position " + seq).refusal();
    }
    if (!replayed.complete()) {
      throw Problems.invalid(
              "Expected a moment within the first "
                  + limits.replayEvents()
                  + " events (limits.replay-events), but it is later")
          .refusal();
    }
    return replayed;
  }

  private static Map<String, @Nullable Object> place(Replay.Replayed replayed) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("seq", replayed.state().seq());
    StoredEvent last = replayed.last();
    if (last != null) {
      out.put("event_id", Ids.text(last.eventId()));
      out.put("event_type", EventCodec.type(last.event()));
      out.put("at", last.at().toString());
    }
    return out;
  }
}
