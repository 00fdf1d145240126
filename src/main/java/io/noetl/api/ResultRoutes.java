package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.execution.KnownData.Iterations;
import io.noetl.execution.KnownData.Missing;
import io.noetl.execution.KnownData.Value;
import io.noetl.execution.ResultUris;
import io.noetl.json.Json;
import io.noetl.playbook.Durations;
import io.noetl.playbook.value.OutputOptions;
import io.noetl.playbook.value.References;
import io.noetl.query.EventPages;
import io.noetl.query.EventRow;
import io.noetl.query.ExecutionRow;
import io.noetl.query.Executions;
import io.noetl.result.NewStoredResult;
import io.noetl.result.ResultStore;
import io.noetl.result.StoredResult;
import io.noetl.result.StoredResults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Data out of line: stored by workers, read by whoever holds a reference. */
final class ResultRoutes implements Resource {
  private static final String JSON = "application/json";
  private static final Set<String> SCOPES = Set.of("step", "execution", "workflow", "permanent");
  private static final Set<String> META =
      Set.of(References.TYPE, References.KEYS, References.EXTRACTED, "preview", "correlation");
  private static final int META_BYTES = 64 * 1024;
  private static final int MAX_NAME = 250;

  private final ResultStore store;
  private final StoredResults results;
  private final Owners owners;
  private final Executions executions;
  private final EventPages events;
  private final LongSupplier ids;
  private final ApiLimits limits;

  ResultRoutes(
      ResultStore store,
      StoredResults results,
      Owners owners,
      Executions executions,
      EventPages events,
      LongSupplier ids,
      ApiLimits limits) {
    this.store = store;
    this.results = results;
    this.owners = owners;
    this.executions = executions;
    this.events = events;
    this.ids = ids;
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
        .get("/api/result/resolve", AccessClass.WORKER, this::resolve)
        .get("/api/result/{execution_id}/list", AccessClass.USER, this::list)
        .get("/api/result/{execution_id}/{step}", AccessClass.USER, this::ofStep)
        .delete("/api/result/{execution_id}", AccessClass.USER, this::delete)
        .delete("/api/result/{execution_id}/step/{step}", AccessClass.USER, this::delete)
        .get("/api/events/{event_id}/result", AccessClass.USER, this::ofEvent);
  }

  private Reply put(Call call) {
    long executionId = call.pathId("execution_id");
    owners.require(call.tenant(), executionId);
    StoredResult stored =
        store.put(
            call.contentType().equals(JSON) && call.query("name") == null
                ? fromJson(call, executionId)
                : raw(call, executionId));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("ref", stored.uri());
    out.put("store", stored.store());
    out.put("scope", stored.scope());
    out.put("bytes", stored.bytes());
    Map<String, @Nullable Object> reference = stored.reference();
    out.put("sha", reference.get("sha"));
    if (reference.get("expires_at") != null) {
      out.put("expires_at", reference.get("expires_at"));
    }
    return Reply.ok(out);
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
    return stored(
        call,
        executionId,
        Members.requiredText(body, "name"),
        Members.text(body, "source_step"),
        Members.text(body, "scope"),
        Members.text(body, "ttl"),
        JSON,
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
      meta.keySet().retainAll(META);
    }
    String media = call.contentType();
    return stored(
        call,
        executionId,
        name,
        call.query("source_step"),
        call.query("scope"),
        call.query("ttl"),
        media.isEmpty() ? "application/octet-stream" : media,
        call.bytes(),
        meta);
  }

  private NewStoredResult stored(
      Call call,
      long executionId,
      String name,
      @Nullable String step,
      @Nullable String scope,
      @Nullable String ttl,
      String mediaType,
      byte[] content,
      Map<String, @Nullable Object> meta) {
    if (name.length() > MAX_NAME) {
      throw Members.fault("name", "Expected name to have at most " + MAX_NAME + " characters");
    }
    if (scope != null && !SCOPES.contains(scope)) {
      throw Members.fault(
          "scope", "Expected scope to be step, execution, workflow or permanent, but got " + scope);
    }
    int size = Json.bytes(meta).length;
    if (size > META_BYTES) {
      throw Problems.tooLarge("what is kept beside a result", "fixed", META_BYTES, size + " bytes")
          .refusal();
    }
    Map<String, @Nullable Object> correlation = Members.mapIfAny(meta, "correlation");
    Long command = correlation == null ? null : Members.id(correlation, "command_id");
    Long attempt = correlation == null ? null : Members.number(correlation, "attempt");
    return new NewStoredResult(
        ids.getAsLong(),
        executionId,
        call.tenant(),
        name,
        step,
        command,
        attempt == null ? 0 : Math.toIntExact(attempt),
        scope == null ? "execution" : scope,
        mediaType,
        content,
        duration(ttl),
        meta);
  }

  private static @Nullable Duration duration(@Nullable String ttl) {
    if (ttl == null || ttl.equals("forever")) {
      return null;
    }
    Duration duration = Durations.parse(ttl);
    if (duration == null) {
      throw Members.fault("ttl", "Expected ttl to be a time such as 30m, 1h, 1d or forever");
    }
    return duration;
  }

  private Reply resolve(Call call) {
    String uri = call.query("ref");
    if (uri == null) {
      throw Problems.badRef("Expected ref, but it is missing").refusal();
    }
    return resolved(call.tenant(), uri, false);
  }

  /**
   * @param shown whether a person will see it, so that what looks like a secret is hidden
   */
  private Reply resolved(String tenant, String uri, boolean shown) {
    ResultUris.Address address = ResultUris.parse(uri);
    if (address == null) {
      throw Problems.badRef("Expected a reference such as " + FORM + ", but got '" + uri + "'")
          .refusal();
    }
    if (!owners.mayKnow(tenant, address.executionId())) {
      throw unknown(uri);
    }
    Reply reply = address.loop() ? loop(tenant, uri) : stored(tenant, uri, address);
    return (shown && reply.contentType().startsWith(JSON) ? scrubbed(reply) : reply)
        .withHeader("NoETL-Result-Ref", uri);
  }

  private static final String FORM = "noetl://execution/<id>/result/<name>/<id>";

  private static Problem.Refusal unknown(String uri) {
    return Problems.notFound("result " + uri + " not found").refusal();
  }

  private Reply stored(String tenant, String uri, ResultUris.Address address) {
    StoredResult found =
        store.find(tenant, address.executionId(), address.id()).orElseThrow(() -> unknown(uri));
    byte[] content = found.expired() ? null : store.content(tenant, found);
    if (content == null) {
      throw Problems.expired("the time of result " + uri + " is over").refusal();
    }
    return Reply.bytes(found.mediaType(), content);
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
          ? resolved(call.tenant(), found.uri(), true)
          : Reply.ok(referred(executionId, step, found.reference()));
    }
    EventResult result = EventResult.of(event.get());
    String uri = result.uri();
    if (call.queryFlag("resolve")) {
      return uri == null || result.data() != null
          ? Reply.ok(Scrub.value(result.data()))
          : resolved(call.tenant(), uri, true);
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
      return resolved(call.tenant(), uri, true);
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
