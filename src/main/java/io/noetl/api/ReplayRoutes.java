package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.EventCodec;
import io.noetl.journal.Replay;
import io.noetl.journal.StateDocument;
import io.noetl.result.StoredResults;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state of an execution as it was, built again from its events. */
final class ReplayRoutes implements Resource {
  private static final String PROJECTION = "execution";

  private final Replay replay;
  private final StoredResults vault;
  private final Owners owners;
  private final ApiLimits limits;

  ReplayRoutes(Replay replay, StoredResults vault, Owners owners, ApiLimits limits) {
    this.replay = replay;
    this.vault = vault;
    this.owners = owners;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes.get("/api/replay/state", AccessClass.USER, this::state);
  }

  private Reply state(Call call) {
    Long executionId = call.queryId("execution_id");
    if (executionId == null) {
      throw Problems.badRequest("Expected execution_id, but it is missing").refusal();
    }
    owners.require(call.tenant(), executionId);
    String projection = call.query("projection");
    if (projection != null && !projection.equals(PROJECTION)) {
      throw Members.fault(
          "projection",
          "Expected projection to be " + PROJECTION + ", but got '" + projection + "'");
    }
    Replay.Replayed replayed = replay.state(executionId, until(call));
    if (!replayed.found()) {
      throw Problems.notFound("execution " + executionId + " has no such event to replay up to")
          .refusal();
    }
    ReplayPayloads payloads =
        call.queryFlag("resolve_payloads")
            ? new ReplayPayloads(uri -> vault.value(call.tenant(), uri), limits.storedBytes())
            : null;
    return Reply.ok(shown(executionId, replayed, payloads));
  }

  private Replay.Until until(Call call) {
    Long eventId = call.queryId("as_of_event_id");
    Integer position =
        call.query("as_of_position") == null
            ? null
            : (Integer) call.queryNumber("as_of_position", 0, 0, Integer.MAX_VALUE);
    Instant time = call.queryTime("as_of_time");
    int given = (eventId == null ? 0 : 1) + (position == null ? 0 : 1) + (time == null ? 0 : 1);
    if (given > 1) {
      throw Problems.badRequest(
              "Expected one of as_of_event_id, as_of_position and as_of_time, but got " + given)
          .refusal();
    }
    return new Replay.Until(
        eventId,
        position,
        time,
        call.queryNumber("limit", limits.replayEvents(), 1, limits.replayEvents()));
  }

  private static Map<String, @Nullable Object> shown(
      long executionId, Replay.Replayed replayed, @Nullable ReplayPayloads payloads) {
    Map<String, @Nullable Object> document = StateDocument.of(replayed.state());
    StoredEvent last = replayed.last();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(executionId));
    out.put("projection", PROJECTION);
    out.put("state", Scrub.value(payloads == null ? document : payloads.into(document)));
    if (payloads != null) {
      out.put("unresolved", payloads.unresolved());
    }
    out.put("event_count", replayed.state().seq());
    if (last != null) {
      out.put("last_event_id", Ids.text(last.eventId()));
      out.put("last_event_type", EventCodec.type(last.event()));
      out.put("last_position", last.seq());
      out.put("last_event_at", last.at().toString());
    }
    out.put("complete", replayed.complete());
    // Of what the events say: data elsewhere has digests of its own.
    out.put("checksum", StateDocument.checksum(document));
    return out;
  }
}
