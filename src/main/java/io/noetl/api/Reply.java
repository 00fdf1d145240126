package io.noetl.api;

import io.noetl.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a route answers.
 *
 * @param body bytes to send; null when the route has written to the connection itself
 */
record Reply(int status, String contentType, byte @Nullable [] body, Map<String, String> headers) {
  private static final String JSON = "application/json; charset=utf-8";

  /** The route has answered by itself, as streams do. */
  static final Reply SENT = new Reply(200, JSON, null, Map.of());

  /** 200 with this JSON value. */
  static Reply ok(@Nullable Object value) {
    return json(200, value);
  }

  static Reply json(int status, @Nullable Object value) {
    return new Reply(status, JSON, Json.bytes(value), Map.of());
  }

  static Reply bytes(String contentType, byte[] body) {
    return new Reply(200, contentType, body, Map.of());
  }

  static Reply of(Problem problem, String requestId) {
    return new Reply(
        problem.status(), JSON, Json.bytes(problem.body(requestId)), problem.headers());
  }

  Reply withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Reply(status, contentType, body, more);
  }
}
