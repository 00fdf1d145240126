package io.noetl.pool;

import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.tool.ToolCall;
import io.noetl.wasm.HostCallRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records each capability call of a plug-in as an event {@code capability.called} of its execution,
 * before the result is reported.
 */
record PluginAudit(ServerClient server, Secrets secrets) {
  private static final String TYPE = "capability.called";

  /** Events of one request. */
  private static final int BATCH = 200;

  /**
   * @throws UnreachableException when the server may answer later; what was recorded then is
   *     recognised by its key
   */
  void record(
      ToolCall.Identity identity,
      String path,
      int version,
      String digest,
      List<HostCallRecord> calls) {
    for (int from = 0; from < calls.size(); from += BATCH) {
      List<@Nullable Object> events = new ArrayList<>();
      for (int i = from; i < Math.min(calls.size(), from + BATCH); i++) {
        events.add(event(identity, path, version, digest, i + 1, calls.get(i)));
      }
      Map<String, @Nullable Object> body = new LinkedHashMap<>();
      body.put("execution_id", identity.executionId());
      body.put("worker_id", identity.workerId());
      body.put("events", events);
      Reply reply = server.as(identity.tenantId()).post("/api/events/batch", body);
      if (reply.passing()) {
        throw new UnreachableException("the event log does not answer now: " + reply.error(), null);
      }
      if (!reply.ok()) {
        throw new IllegalStateException(
            "Expected the audit of plug-in "
                + path
                + " to be recorded, but "
                + reply.error()
                + " (execution="
                + identity.executionId()
                + ", command="
                + identity.commandId()
                + ")");
      }
    }
  }

  private Map<String, @Nullable Object> event(
      ToolCall.Identity identity,
      String path,
      int version,
      String digest,
      int ordinal,
      HostCallRecord call) {
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    context.put("plugin", path);
    context.put("version", version);
    context.put("digest", digest);
    context.put("capability", call.capability());
    context.put("request_sha256", call.requestDigest());
    if (call.credential() != null) {
      // It may be any text of the guest, what it was given as a secret included.
      context.put("credential", secrets.clean(call.credential(), identity));
    }
    context.put("code", call.code());
    context.put("reply_bytes", call.replyBytes());
    context.put("micros", call.micros());
    context.put("fuel_before", call.fuelBefore());
    context.put("fuel_after", call.fuelAfter());
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("command_id", identity.commandId());
    meta.put("attempt", identity.attempt());
    meta.put(
        "idempotency_key",
        TYPE + "/" + identity.commandId() + "/" + identity.attempt() + "/" + ordinal);
    Map<String, @Nullable Object> event = new LinkedHashMap<>();
    event.put("event_type", TYPE);
    event.put("step", identity.step());
    event.put("context", context);
    event.put("actionable", false);
    event.put("meta", meta);
    return event;
  }
}
