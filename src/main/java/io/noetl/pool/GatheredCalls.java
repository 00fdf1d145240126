package io.noetl.pool;

import io.noetl.json.Json;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.support.Gathered;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims and reports on their way to the server. A few go in requests of their own, at once; while
 * those are on their way, others gather and go together. Safe for use by many threads.
 *
 * <p>A server that does not know such requests, as one of an earlier version, is sent one after the
 * other.
 */
final class GatheredCalls {
  private static final Logger log = LoggerFactory.getLogger(GatheredCalls.class);

  /** Requests on their way at once: one that waits long in the server holds up a part only. */
  private static final int SIDE_BY_SIDE = 4;

  private static final int MOST_CALLS = 64;

  /** What is larger goes alone, in characters of JSON: 64 of them are well below a body's limit. */
  private static final int LARGEST = 16 * 1024;

  private final ServerClient server;
  private final Gathered<Call, Reply> gathered;
  private volatile boolean unknown;

  /** Compared by identity: two equal reports are two calls. */
  private static final class Call {
    private final @Nullable String tenant;
    private final String path;
    private final String json;

    private Call(@Nullable String tenant, String path, String json) {
      this.tenant = tenant;
      this.path = path;
      this.json = json;
    }
  }

  GatheredCalls(ServerClient server) {
    this.server = server;
    this.gathered = new Gathered<>(MOST_CALLS, SIDE_BY_SIDE, this::send);
  }

  /**
   * As {@link ServerClient#post}.
   *
   * @param tenant whose command it is about; null when that is not known yet
   */
  Reply post(@Nullable String tenant, String path, Map<String, @Nullable Object> body) {
    Call call = new Call(tenant, path, Json.text(body));
    if (unknown || call.json.length() > LARGEST) {
      return alone(call);
    }
    Reply reply = gathered.get(call);
    if (reply == null) {
      throw new IllegalStateException("Expected a reply to " + path + ", but got none");
    }
    return reply;
  }

  private Reply alone(Call call) {
    ServerClient own = call.tenant == null ? server : server.as(call.tenant);
    return own.postJson(call.path, call.json.getBytes(StandardCharsets.UTF_8));
  }

  private Map<Call, Reply> send(Set<Call> calls) {
    Map<Call, Reply> replies = new LinkedHashMap<>();
    if (calls.size() > 1 && !unknown) {
      List<@Nullable Object> items = new ArrayList<>(calls.size());
      for (Call call : calls) {
        Map<String, @Nullable Object> item = new LinkedHashMap<>();
        if (call.tenant != null) {
          item.put("tenant_id", call.tenant);
        }
        item.put("path", call.path);
        item.put("body", new Json.Raw(call.json));
        items.add(item);
      }
      Map<String, @Nullable Object> body = new LinkedHashMap<>();
      body.put("calls", items);
      Reply reply = server.post("/api/worker/calls", body);
      if (reply.ok()
          && reply.body().get("answers") instanceof List<?> answers
          && answers.size() == calls.size()) {
        int next = 0;
        for (Call call : calls) {
          replies.put(call, reply(answers.get(next++)));
        }
        return replies;
      }
      if (reply.passing()) {
        calls.forEach(call -> replies.put(call, reply));
        return replies;
      }
      unknown = reply.status() == 404 || reply.status() == 405;
      log.info("server takes no calls together: {}", reply.error());
    }
    for (Call call : calls) {
      replies.put(call, alone(call));
    }
    return replies;
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static Reply reply(@Nullable Object answer) {
    if (!(answer instanceof Map<?, ?> map) || !(map.get("status") instanceof Number status)) {
      throw new io.noetl.json.JsonException("expected answers[].status to be a number");
    }
    Object body = map.get("body");
    return new Reply(
        status.intValue(),
        body instanceof Map<?, ?> members ? (Map<String, @Nullable Object>) members : Map.of(),
        map.get("retry_after_seconds") instanceof Number seconds
            ? (Long) seconds.longValue()
            : null);
  }
}
