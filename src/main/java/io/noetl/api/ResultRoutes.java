package io.noetl.api;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.execution.KnownData.Iterations;
import io.noetl.execution.KnownData.Missing;
import io.noetl.execution.KnownData.Value;
import io.noetl.execution.ResultUris;
import io.noetl.json.Json;
import io.noetl.playbook.value.OutputOptions;
import io.noetl.playbook.value.References;
import io.noetl.query.EventPages;
import io.noetl.query.EventRow;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import io.noetl.result.NewStoredResult;
import io.noetl.result.ResultStore;
import io.noetl.result.ResultUploads;
import io.noetl.result.StoredResult;
import io.noetl.result.StoredResults;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Data out of line: stored by workers, read by whoever holds a reference. */
final class ResultRoutes implements Resource {
  private static final String JSON = "application/json";

  private final ResultStore store;
  private final ResultUploads uploads;
  private final StoredResults results;
  private final Owners owners;
  private final Executions executions;
  private final EventPages events;
  private final ResultRows rows;
  private final ApiLimits limits;

  ResultRoutes(
      ResultStore store,
      ResultUploads uploads,
      StoredResults results,
      Owners owners,
      Executions executions,
      EventPages events,
      ResultRows rows,
      ApiLimits limits) {
    this.store = store;
    this.uploads = uploads;
    this.results = results;
    this.owners = owners;
    this.executions = executions;
    this.events = events;
    this.rows = rows;
    this.limits = limits;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .put(
            "/api/result/{execution_id}",
            AccessClass.WORKER,
            new Bodies.Limit("limits.result-body", Math.toIntExact(results.limits().resultBytes())),
            this::put)
        .get("/api/result/resolve", AccessClass.SHARED, this::resolve)
        .get("/api/result/{execution_id}/list", AccessClass.USER, this::list)
        .get("/api/result/{execution_id}/{step}", AccessClass.USER, this::ofStep)
        .delete("/api/result/{execution_id}", AccessClass.USER, this::delete)
        .delete("/api/result/{execution_id}/step/{step}", AccessClass.USER, this::delete)
        .get("/api/events/{event_id}/result", AccessClass.SHARED, this::ofEvent);
  }

  private Reply put(Call call) {
    long executionId = call.pathId("execution_id");
    owners.require(call.tenant(), executionId);
    StoredResult stored =
        store.put(
            call.contentType().equals(JSON) && call.query("name") == null
                ? fromJson(call, executionId)
                : raw(call, executionId));
    return ResultRows.stored(stored);
  }

  private NewStoredResult fromJson(Call call, long executionId) {
    Map<String, @Nullable Object> body = call.json();
    Object data = body.get("data");
    Map<String, @Nullable Object> meta = OutputOptions.NONE.described(Map.of(), data);
    Map<String, @Nullable Object> extracted = Members.map(body, "extracted");
    if (extracted != null) {
      meta.put(References.EXTRACTED, extracted);
    }
    Map<String, @Nullable Object> correlation = Members.map(body, "correlation");
    if (correlation != null) {
      meta.put("correlation", correlation);
    }
    return rows.of(
        call.tenant(),
        executionId,
        new ResultRows.Asked(
            Members.requiredText(body, "name"),
            Members.text(body, "source_step"),
            Members.text(body, "scope"),
            Members.text(body, "ttl"),
            JSON),
        Json.bytes(data),
        meta);
  }

  /** The body is the data itself, so that a large one passes no parser. */
  private NewStoredResult raw(Call call, long executionId) {
    String name = call.query("name");
    if (name == null) {
      throw Members.missing("name");
    }
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    String given = call.query("meta");
    if (given != null) {
      meta.putAll(Json.parseObject(given));
    }
    String media = call.contentType();
    return rows.of(
        call.tenant(),
        executionId,
        new ResultRows.Asked(
            name,
            call.query("source_step"),
            call.query("scope"),
            call.query("ttl"),
            media.isEmpty() ? "application/octet-stream" : media),
        call.bytes(),
        meta);
  }

  private Reply resolve(Call call) {
    String uri = call.query("ref");
    if (uri == null) {
      throw Problems.badRef("Expected ref, but it is missing").refusal();
    }
    return resolved(call, uri, false);
  }

  /**
   * @param shown whether a person will see it, so that what looks like a secret is hidden
   */
  private Reply resolved(Call call, String uri, boolean shown) {
    String tenant = call.tenant();
    ResultUris.Address address = ResultUris.parse(uri);
    if (address == null) {
      throw Problems.badRef("Expected a reference such as " + FORM + ", but got '" + uri + "'")
          .refusal();
    }
    if (!owners.mayKnow(tenant, address.executionId())) {
      throw unknown(uri);
    }
    Reply reply = address.loop() ? loop(tenant, uri) : stored(call, uri, address, shown);
    if (reply.body() == null) {
      return reply;
    }
    return (shown && reply.contentType().startsWith(JSON) ? scrubbed(reply) : reply)
        .withHeader("NoETL-Result-Ref", uri);
  }

  private static final String FORM = "noetl://execution/<id>/result/<name>/<id>";

  private static Problem.Refusal unknown(String uri) {
    return Problems.notFound("result " + uri + " not found").refusal();
  }

  private Reply stored(Call call, String uri, ResultUris.Address address, boolean shown) {
    String tenant = call.tenant();
    StoredResult found =
        store.find(tenant, address.executionId(), address.id()).orElseThrow(() -> unknown(uri));
    if (!found.expired() && found.bytes() > results.limits().partBytes()) {
      if (shown && found.bytes() > results.limits().resultBytes()) {
        throw Problems.tooLarge(
                "a result to be shown",
                "limits.result-body",
                results.limits().resultBytes(),
                found.bytes() + " bytes; read " + uri + " with GET /api/result/resolve")
            .refusal();
      }
      if (!shown && sentInParts(call, uri, found)) {
        return Reply.SENT;
      }
    }
    byte[] content = found.expired() ? null : store.content(tenant, found);
    if (content == null) {
      throw Problems.expired("the time of result " + uri + " is over").refusal();
    }
    return Reply.bytes(found.mediaType(), content);
  }

  /** Sends a result that was stored in parts, one after the other. */
  private boolean sentInParts(Call call, String uri, StoredResult found) {
    ServerResponse response = call.response();
    PartsOut out = new PartsOut(response);
    boolean sent =
        uploads.parts(
            call.tenant(),
            found,
            () -> {
              response.header(HeaderNames.CONTENT_TYPE, found.mediaType());
              response.header(HeaderNames.CONTENT_LENGTH, Long.toString(found.bytes()));
              response.header(HeaderNames.create("NoETL-Result-Ref"), uri);
            },
            out);
    if (sent) {
      out.close();
    }
    return sent;
  }

  private Reply loop(String tenant, String uri) {
    return switch (results.value(tenant, uri)) {
      case Value(Map<?, ?> value)
          when value.get("results") instanceof List<?> list && !list.isEmpty() ->
          Reply.ok(value);
      case Value _, Iterations _ -> throw unknown(uri);
      case Missing(String sentence) -> throw Problems.notFound(sentence).refusal();
    };
  }

  private static Reply scrubbed(Reply reply) {
    byte[] body = reply.body();
    return Reply.ok(body == null ? null : Scrub.value(Json.parse(body)));
  }

  private Reply list(Call call) {
    long executionId = call.pathId("execution_id");
    owners.require(call.tenant(), executionId);
    int limit = call.queryNumber("limit", limits.pageSize(), 1, limits.pageSize());
    List<@Nullable Object> refs = new ArrayList<>();
    store
        .list(call.tenant(), executionId, call.query("scope"), call.query("step_name"), limit)
        .forEach(result -> refs.add(shown(result)));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(executionId));
    out.put("count", refs.size());
    out.put("refs", refs);
    return Reply.ok(out);
  }

  private static Map<String, @Nullable Object> shown(StoredResult result) {
    Map<String, @Nullable Object> reference = result.reference();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("ref", result.uri());
    out.put("store", result.store());
    out.put("scope", result.scope());
    out.put("name", result.name());
    out.put("bytes", result.bytes());
    for (String name : List.of("expires_at", "preview", "extracted", "correlation")) {
      if (reference.get(name) != null) {
        out.put(name, Scrub.value(reference.get(name)));
      }
    }
    return out;
  }

  private Reply ofStep(Call call) {
    long executionId = call.pathId("execution_id");
    owners.require(call.tenant(), executionId);
    String step = call.path("step");
    Optional<EventRow> event = events.newestResult(executionId, step);
    if (event.isEmpty()) {
      StoredResult found =
          store
              .newest(call.tenant(), executionId, step)
              .orElseThrow(
                  () ->
                      Problems.notFound(
                              "step " + step + " of execution " + executionId + " has no result")
                          .refusal());
      return call.queryFlag("resolve")
          ? resolved(call, found.uri(), true)
          : Reply.ok(referred(executionId, step, found.reference()));
    }
    EventResult result = EventResult.of(event.get());
    String uri = result.uri();
    if (call.queryFlag("resolve")) {
      return uri == null || result.data() != null
          ? Reply.ok(Scrub.value(result.data()))
          : resolved(call, uri, true);
    }
    Map<String, @Nullable Object> out = referred(executionId, step, result.reference());
    if (result.data() != null) {
      out.put("data", Scrub.value(result.data()));
    }
    return Reply.ok(out);
  }

  private static Map<String, @Nullable Object> referred(
      long executionId, String step, @Nullable Map<String, @Nullable Object> reference) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(executionId));
    out.put("step", step);
    if (reference != null) {
      out.put("ref", reference.get(References.URI));
      out.put("reference", Scrub.value(reference));
    }
    return out;
  }

  private Reply ofEvent(Call call) {
    long eventId = call.pathId("event_id");
    EventRow event =
        events
            .byId(call.tenant(), eventId)
            .orElseThrow(() -> Problems.notFound("event " + eventId + " not found").refusal());
    EventResult result = EventResult.of(event);
    String uri = result.uri();
    if (result.data() == null && uri != null) {
      return resolved(call, uri, true);
    }
    if (!result.present()) {
      throw Problems.notFound("event " + eventId + " has no result").refusal();
    }
    Reply inline = Reply.ok(Scrub.value(result.data()));
    return uri == null ? inline : inline.withHeader("NoETL-Result-Ref", uri);
  }

  private Reply delete(Call call) {
    long executionId = call.pathId("execution_id");
    ExecutionRow row =
        executions.find(call.tenant(), executionId).orElseThrow(() -> Owners.notFound(executionId));
    if (!row.status().terminal()) {
      throw Problems.conflict(
              "conflict",
              "execution " + executionId + " runs, and may need its results; cancel it first")
          .refusal();
    }
    String scope = call.query("scope");
    String step = call.hasPath("step") ? call.path("step") : null;
    int deleted = store.delete(call.tenant(), executionId, scope, step);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(executionId));
    out.put("deleted", deleted);
    out.put("scope", scope == null ? "all" : scope);
    if (step != null) {
      out.put("step", step);
    }
    return Reply.ok(out);
  }
}
