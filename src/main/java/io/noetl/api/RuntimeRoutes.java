package io.noetl.api;

import io.noetl.command.CommandLeases;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.registry.RuntimeRecord;
import io.noetl.registry.RuntimeSpec;
import io.noetl.registry.Runtimes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Workers: register, say that they live, leave. */
final class RuntimeRoutes implements Resource {
  private final Runtimes runtimes;
  private final CommandLeases leases;
  private final ApiConfig config;
  private final ApiLimits limits;

  RuntimeRoutes(Runtimes runtimes, CommandLeases leases, ApiConfig config) {
    this.runtimes = runtimes;
    this.leases = leases;
    this.config = config;
    this.limits = config.limits();
  }

  @Override
  public void routing(Routes routes) {
    routes
        .post("/api/worker/pool/register", AccessClass.WORKER, this::register)
        .post("/api/worker/pool/heartbeat", AccessClass.WORKER, this::heartbeat)
        .post("/api/worker/pool/deregister", AccessClass.WORKER, this::deregister)
        .delete("/api/worker/pool/deregister", AccessClass.WORKER, this::deregister)
        .get("/api/worker/pools", AccessClass.USER, this::list);
  }

  private Reply register(Call call) {
    return Reply.ok(registered(runtimes.register(call.home(), spec(call.json()))));
  }

  private RuntimeSpec spec(Map<String, @Nullable Object> body) {
    String name = Members.requiredText(body, "name");
    if (name.length() > RuntimeSpec.MAX_NAME) {
      throw Members.fault(
          "name",
          "Expected a name of at most "
              + RuntimeSpec.MAX_NAME
              + " characters, but got "
              + name.length());
    }
    String pool = Members.text(body, "pool");
    if (pool != null && !runtimes.settings().knows(pool)) {
      throw Members.fault(
          "pool",
          "Expected pool to be one of "
              + String.join(", ", runtimes.settings().pools())
              + ", but got '"
              + pool
              + "'");
    }
    Long capacity = Members.number(body, "capacity");
    return new RuntimeSpec(
        name,
        kind(body),
        pool,
        Members.text(body, "uri"),
        Members.text(body, "status", "ready"),
        document(body.get("labels")),
        document(body.get("capabilities")),
        capacity == null ? null : (Integer) (int) Math.clamp(capacity, 0L, Integer.MAX_VALUE),
        document(body.get("runtime")),
        Members.text(body, "hostname"),
        Members.number(body, "pid"));
  }

  private static String kind(Map<String, @Nullable Object> body) {
    String kind = Members.text(body, "kind");
    return kind != null ? kind : Members.text(body, "component_type", RuntimeRecord.WORKER_POOL);
  }

  private static @Nullable String document(@Nullable Object value) {
    return value == null ? null : Json.text(value);
  }

  private Map<String, @Nullable Object> registered(RuntimeRecord record) {
    Map<String, @Nullable Object> out = shown(record);
    out.put("lease_seconds", config.lease().toSeconds());
    out.put("heartbeat_seconds", runtimes.settings().heartbeat().toSeconds());
    return out;
  }

  private static Map<String, @Nullable Object> shown(RuntimeRecord record) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("runtime_id", Ids.text(record.runtimeId()));
    out.put("name", record.name());
    out.put("kind", record.kind());
    put(out, "pool", record.pool());
    put(out, "uri", record.uri());
    out.put("status", record.status());
    put(out, "labels", raw(record.labelsJson()));
    put(out, "capabilities", raw(record.capabilitiesJson()));
    put(out, "capacity", record.capacity());
    put(out, "runtime", raw(record.runtimeJson()));
    put(out, "hostname", record.hostname());
    put(out, "pid", record.pid());
    out.put("heartbeat", record.heartbeat().toString());
    out.put("created_at", record.createdAt().toString());
    out.put("updated_at", record.updatedAt().toString());
    return out;
  }

  private static Json.@Nullable Raw raw(@Nullable String json) {
    return json == null ? null : new Json.Raw(json);
  }

  private static void put(Map<String, @Nullable Object> out, String name, @Nullable Object value) {
    if (value != null) {
      out.put(name, value);
    }
  }

  private Reply heartbeat(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String name = Members.requiredText(body, "name");
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    if (runtimes.heartbeat(call.home(), kind(body), name)) {
      out.put("status", "ok");
      out.put("message", "heartbeat of " + name);
      return Reply.ok(out);
    }
    Map<String, @Nullable Object> registration = Members.map(body, "registration");
    if (registration == null) {
      out.put("status", "unknown");
      out.put("message", name + " is not registered");
      return Reply.ok(out);
    }
    RuntimeRecord record = runtimes.register(call.home(), spec(registration));
    out.putAll(registered(record));
    out.put("status", "ok");
    out.put("message", "registered " + name + " again");
    return Reply.ok(out);
  }

  private Reply deregister(Call call) {
    Map<String, @Nullable Object> body = call.json();
    String name = Members.requiredText(body, "name");
    boolean known = runtimes.deregister(call.home(), kind(body), name);
    int released = leases.releaseAll(name);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "ok");
    out.put(
        "message",
        (known ? name + " has left" : name + " was not registered")
            + (released == 0 ? "" : "; " + released + " commands are offered again"));
    return Reply.ok(out);
  }

  private Reply list(Call call) {
    int limit = call.queryNumber("limit", limits.pageSize(), 1, limits.pageSize());
    Cursors.Offset cursor = Cursors.offset(call.query("cursor"));
    int offset =
        cursor != null ? cursor.value() : call.queryNumber("offset", 0, 0, Integer.MAX_VALUE);
    List<RuntimeRecord> found =
        runtimes.list(call.tenant(), call.query("kind"), call.query("name"), call.query("status"));
    List<@Nullable Object> out = new ArrayList<>();
    found.stream().skip(offset).limit(limit).forEach(record -> out.add(shown(record)));
    return (long) offset + limit < found.size()
        ? Cursors.header(Reply.ok(out), Cursors.of(offset + limit))
        : Reply.ok(out);
  }
}
