package io.noetl.tool.mcp;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.ToolCall;
import io.noetl.tool.http.BodyEnd;
import io.noetl.tool.http.HttpExecutor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The messages of one call. Confined to one thread. */
final class McpSession {
  private static final String SESSION = "mcp-session-id";
  private static final String VERSION = "mcp-protocol-version";
  private static final Duration GOODBYE = Duration.ofSeconds(2);

  /** Faults of the http tool that the author is to blame for. */
  private static final Set<String> AUTHORS = Set.of("configuration", "credential", "template");

  private final HttpExecutor http;
  private final ToolCall call;
  private final McpPlan plan;
  private final long end;
  private final Map<String, @Nullable Object> headers = new LinkedHashMap<>();
  private long lastId;
  private @Nullable String session;

  McpSession(HttpExecutor http, ToolCall call, McpPlan plan) {
    this.http = http;
    this.call = call;
    this.plan = plan;
    this.end = System.nanoTime() + plan.limit().toNanos();
    if (call.fields().get("headers") instanceof Map<?, ?> own) {
      own.forEach((name, value) -> headers.put(String.valueOf(name), value));
    }
    headers.put("Accept", "application/json, text/event-stream");
  }

  /** The http tool could not do what the author wants; ends the call with its outcome. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Outcome outcome;

    Refused(Outcome outcome) {
      this.outcome = outcome;
    }

    Outcome outcome() {
      return outcome;
    }
  }

  /** Opens the session; gives what the server says about itself. */
  Map<String, @Nullable Object> initialize() throws McpFault, InterruptedException {
    Map<String, @Nullable Object> hello = request("initialize", plan.hello());
    if (hello.get("protocolVersion") instanceof String version) {
      headers.put(VERSION, version);
    }
    // Servers need not answer it, and old ones do not know it: its answer does not matter.
    Map<String, @Nullable Object> ready = new LinkedHashMap<>();
    ready.put("jsonrpc", "2.0");
    ready.put("method", "notifications/initialized");
    send("POST", ready, BodyEnd.CONNECTION, left());
    return hello;
  }

  /** Sends the request of the call; a result that is no map comes as member {@code value}. */
  Map<String, @Nullable Object> request() throws McpFault, InterruptedException {
    return request(plan.method(), plan.params());
  }

  /** Tells the server that the session is over, if it opened one. */
  void end() throws InterruptedException {
    Duration left = Duration.ofNanos(end - System.nanoTime());
    if (session != null && left.toMillis() > 0) {
      send("DELETE", null, BodyEnd.CONNECTION, left.compareTo(GOODBYE) < 0 ? left : GOODBYE);
    }
  }

  private Map<String, @Nullable Object> request(String method, Map<String, @Nullable Object> params)
      throws McpFault, InterruptedException {
    long id = ++lastId;
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put("jsonrpc", "2.0");
    message.put("id", id);
    message.put("method", method);
    message.put("params", params);
    Outcome outcome = send("POST", message, new Replies(id), left());
    Map<?, ?> answer = outcome.data() instanceof Map<?, ?> map ? map : Map.of();
    Optional<Map<String, @Nullable Object>> reply =
        Replies.in(
            header(answer, "content-type"),
            answer.get("body") instanceof String body ? body : "",
            id);
    Map<String, @Nullable Object> error = outcome.error();
    if (reply.isPresent() && reply.get().get("error") != null) {
      throw new McpFault(message(reply.get().get("error")));
    }
    if (error != null) {
      throw new McpFault(String.valueOf(error.get("message")));
    }
    if (reply.isEmpty()) {
      throw new McpFault("Expected a reply to " + method + ", but the server's answer holds none");
    }
    String opened = header(answer, SESSION);
    if (!opened.isEmpty()) {
      session = opened;
      headers.put(SESSION, opened);
    }
    return result(reply.get().get("result"));
  }

  private Outcome send(
      String method, @Nullable Map<String, @Nullable Object> message, BodyEnd until, Duration limit)
      throws InterruptedException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (String field : new String[] {"auth", "credential", "verify_ssl", "verify"}) {
      fields.put(field, call.fields().get(field));
    }
    fields.put("url", plan.endpoint());
    fields.put("method", method);
    fields.put("headers", headers);
    fields.put("json", message);
    fields.put("response_type", "text");
    fields.put("timeout", Math.max(1, limit.toMillis()) + "ms");
    Outcome outcome =
        http.run(
            new ToolCall(ToolKind.HTTP, fields, null, call.identity(), Map.of(), limit, call.log()),
            until);
    Map<String, @Nullable Object> error = outcome.error();
    if (outcome.hard() && error != null && AUTHORS.contains(String.valueOf(error.get("kind")))) {
      throw new Refused(outcome);
    }
    return outcome;
  }

  private Duration left() throws McpFault {
    Duration left = Duration.ofNanos(end - System.nanoTime());
    if (left.toMillis() <= 0) {
      throw new McpFault("The request to " + plan.endpoint() + " timed out");
    }
    return left;
  }

  private static String header(Map<?, ?> answer, String name) {
    return answer.get("headers") instanceof Map<?, ?> all && all.get(name) instanceof String value
        ? value
        : "";
  }

  private static String message(@Nullable Object error) {
    if (error instanceof Map<?, ?> map) {
      Object code = map.get("code");
      return map.get("message") + (code == null ? "" : " (code " + code + ")");
    }
    return String.valueOf(error);
  }

  private static Map<String, @Nullable Object> result(@Nullable Object result) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    if (result instanceof Map<?, ?> members) {
      members.forEach((name, value) -> map.put(String.valueOf(name), value));
    } else {
      map.put("value", result);
    }
    return map;
  }
}
