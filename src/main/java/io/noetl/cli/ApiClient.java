package io.noetl.cli;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.signature.ModuleSignature;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls of a server's API, as the command line needs them. Safe for use by many threads. */
final class ApiClient {
  /** Longest wait for a connection. */
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Longest wait for an answer, but for the event stream. */
  static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

  private static final String POLICIES = "/api/internal/policies";

  private final URI base;
  private final HttpClient http;
  private final String internalToken;
  private final ServerToken.Shown shown;

  /** What became of a registration. */
  record Registered(String path, long version, String catalogId) {}

  /**
   * @param base such as {@code http://127.0.0.1:8082}
   */
  ApiClient(URI base) {
    this(base, ServerToken.Shown.NOTHING, "");
  }

  /**
   * @param shown who calls, for a server that wants to know
   */
  ApiClient(URI base, ServerToken.Shown shown) {
    this(base, shown, "");
  }

  /**
   * @param shown who calls, for a server that wants to know
   * @param internalToken for internal routes; empty for none: they are shown the other token
   */
  ApiClient(URI base, ServerToken.Shown shown, String internalToken) {
    this.base = base;
    this.shown = shown;
    this.internalToken = internalToken;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
  }

  URI base() {
    return base;
  }

  /** Registers the text as the next version of its path. */
  Registered register(String text) {
    Map<String, @Nullable Object> reply =
        call("POST", "/api/catalog/register", Map.of("content", text, "resource_type", "Playbook"));
    return new Registered(text(reply, "path"), number(reply, "version"), text(reply, "catalog_id"));
  }

  /** Registers the module as the next version of the plug-in of this path. */
  Map<String, @Nullable Object> registerPlugin(String path, byte[] module) {
    return registerPlugin(path, module, null, null);
  }

  /**
   * As {@link #registerPlugin(String, byte[])}.
   *
   * @param signature of the module; null for none
   * @param internalToken for the internal route, which may register the system's own; empty when
   *     the server has none; null for the public route
   */
  Map<String, @Nullable Object> registerPlugin(
      String path, byte[] module, @Nullable String signature, @Nullable String internalToken) {
    // A path has several segments; what they consist of is the server's to check.
    String encoded =
        URLEncoder.encode(path, StandardCharsets.UTF_8).replace("%2F", "/").replace("+", "%20");
    String route = (internalToken == null ? "/api/plugins/" : "/api/internal/plugins/") + encoded;
    HttpRequest.Builder request =
        request(route)
            .header("Content-Type", "application/wasm")
            .POST(HttpRequest.BodyPublishers.ofByteArray(module));
    if (signature != null) {
      request.header(ModuleSignature.HEADER, signature);
    }
    if (internalToken != null && !internalToken.isEmpty()) {
      request.setHeader("Authorization", "Bearer " + internalToken);
    }
    return exchange(route, request);
  }

  /**
   * As {@link #registerPlugin}, also below {@code system/}: an internal route.
   *
   * @param signature of the module; null for none
   */
  Map<String, @Nullable Object> registerSystemPlugin(
      String path, byte[] module, @Nullable String signature) {
    return registerPlugin(path, module, signature, internalToken);
  }

  /** Says what the plug-in of this path may do: an internal route. */
  void grant(String path, Map<String, ? extends @Nullable Object> grants) {
    String route = "/api/internal/plugin-grants/" + path;
    exchange(
        route,
        internal(route)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(Map.of("grants", grants)))));
  }

  /** How callers prove who they are: {@code auth.mode} of the server. */
  String authMode() {
    return text(call("GET", "/api/health", null), "auth");
  }

  /** How policies stand: an internal route, as are the next. */
  Map<String, @Nullable Object> policies() {
    return exchange(POLICIES, internal(POLICIES).GET());
  }

  /** One policy, with its source and what came of it. */
  Map<String, @Nullable Object> policy(String part) {
    String route = POLICIES + "/" + part;
    return exchange(route, internal(route).GET());
  }

  /** Sets the source of a policy, or asks something about policies. */
  Map<String, @Nullable Object> askPolicies(
      String what, Map<String, ? extends @Nullable Object> body) {
    String route = POLICIES + "/" + what;
    return exchange(
        route,
        internal(route)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body))));
  }

  /** Takes the source of a policy away. */
  void removePolicy(String part) {
    String route = POLICIES + "/" + part;
    exchange(route, internal(route).DELETE());
  }

  private HttpRequest.Builder internal(String path) {
    HttpRequest.Builder request = request(path);
    return internalToken.isEmpty()
        ? request
        : request.setHeader("Authorization", "Bearer " + internalToken);
  }

  /** The text of the newest version of a playbook; null when there is none. */
  @Nullable String playbook(String path) {
    try {
      Object content =
          call("GET", "/api/catalog/resource?path=" + path + "&version=latest", null)
              .get("content");
      return content instanceof String text ? text : null;
    } catch (ApiException e) {
      if (e.status() == 404) {
        return null;
      }
      throw e;
    }
  }

  /**
   * Starts an execution.
   *
   * @return its id
   */
  String execute(Registered playbook, Map<String, @Nullable Object> payload) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("catalog_id", playbook.catalogId());
    body.put("payload", payload);
    return text(call("POST", "/api/execute", body), "execution_id");
  }

  /** The execution with its status, result and error. */
  Map<String, @Nullable Object> execution(String executionId) {
    return call("GET", "/api/executions/" + executionId, null);
  }

  /**
   * Events of an execution, in order.
   *
   * @param cursor of the page before; empty for the first
   */
  Map<String, @Nullable Object> eventPage(String executionId, String cursor) {
    return call(
        "GET",
        "/api/executions/"
            + executionId
            + "/events?page_size=500"
            + (cursor.isEmpty() ? "" : "&cursor=" + cursor),
        null);
  }

  /** What an execution waits for, and what is broken of it. */
  Map<String, @Nullable Object> diagnose(String executionId) {
    return call("GET", "/api/executions/" + executionId + "/diagnose", null);
  }

  /** Repairs an execution; what was found, done and left. */
  Map<String, @Nullable Object> repair(String executionId) {
    return call("POST", "/api/executions/" + executionId + "/repair", null);
  }

  /**
   * A page of executions that have not ended.
   *
   * @param after how many to leave out
   */
  List<String> running(long after) {
    String path = "/api/executions?status=RUNNING&limit=500&offset=" + after;
    HttpResponse<byte[]> response =
        send(request(path).GET().build(), HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw refused(response.statusCode(), response.body());
    }
    List<String> ids = new ArrayList<>();
    if (Json.parse(response.body()) instanceof List<?> rows) {
      for (Object row : rows) {
        if (row instanceof Map<?, ?> map && map.get("execution_id") instanceof String id) {
          ids.add(id);
        }
      }
    }
    return ids;
  }

  /** Commands whose attempts were used up, and messages that nobody could handle. */
  Map<String, @Nullable Object> dead(int limit) {
    return call("GET", "/api/commands?dead=true&limit=" + limit, null);
  }

  /** A command with its context. */
  Map<String, @Nullable Object> command(String commandId) {
    return call("GET", "/api/commands/" + commandId, null);
  }

  /** The newest messages that nobody could handle. */
  Map<String, @Nullable Object> deadMessages(int limit) {
    return call("GET", "/api/dead-messages?limit=" + limit, null);
  }

  /**
   * @param path of the dead letter, such as {@code /api/dead-messages/7}
   */
  Map<String, @Nullable Object> retryDead(String path) {
    return call("POST", path + "/retry", null);
  }

  /**
   * @param path of the dead letter
   */
  Map<String, @Nullable Object> dropDead(String path) {
    return call("DELETE", path, null);
  }

  void cancel(String executionId, String reason) {
    call("POST", "/api/executions/" + executionId + "/cancel", Map.of("reason", reason));
  }

  /**
   * Opens the stream of an execution's events.
   *
   * @param after id of the last event that was seen, or null for all
   * @return the open stream; the caller closes it
   */
  InputStream events(String executionId, @Nullable String after) {
    HttpRequest.Builder request =
        shown.in(
            HttpRequest.newBuilder(uri("/api/executions/" + executionId + "/events"))
                .header("Accept", "text/event-stream"));
    if (after != null) {
      request.header("Last-Event-ID", after);
    }
    HttpResponse<InputStream> response =
        send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() == 200) {
      return response.body();
    }
    try (InputStream body = response.body()) {
      throw refused(response.statusCode(), body.readAllBytes());
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private Map<String, @Nullable Object> call(
      String method, String path, @Nullable Map<String, ? extends @Nullable Object> body) {
    HttpRequest.Builder request = request(path);
    if (body == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request
          .header("Content-Type", "application/json")
          .method(method, HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)));
    }
    return exchange(path, request);
  }

  private HttpRequest.Builder request(String path) {
    return shown.in(
        HttpRequest.newBuilder(uri(path))
            .timeout(ANSWER_TIMEOUT)
            .header("Accept", "application/json"));
  }

  private Map<String, @Nullable Object> exchange(String path, HttpRequest.Builder request) {
    HttpResponse<byte[]> response = send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() / 100 != 2) {
      throw refused(response.statusCode(), response.body());
    }
    try {
      return Json.parseObject(response.body());
    } catch (JsonException e) {
      throw new ApiException(
          response.statusCode(),
          "",
          "Expected JSON from " + base + path + ", but " + e.getMessage() + ". Is it noetl?",
          List.of());
    }
  }

  private URI uri(String path) {
    String prefix = base.toString();
    return URI.create(
        (prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix) + path);
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnreachableException("interrupted while waiting for " + base, e);
    }
  }

  UnreachableException unreachable(IOException e) {
    String why =
        switch (e) {
          case HttpConnectTimeoutException _ ->
              "it did not answer within " + CONNECT_TIMEOUT.toSeconds() + " s";
          case HttpTimeoutException _ ->
              "it did not answer within " + ANSWER_TIMEOUT.toSeconds() + " s";
          case ConnectException _ -> "nothing listens there";
          default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    return new UnreachableException(
        "Expected a noetl server at " + base + ", but " + why + ". Is it running (noetl up)?", e);
  }

  private ApiException refused(int status, byte[] body) {
    Map<String, @Nullable Object> problem;
    try {
      problem = Json.parseObject(body);
    } catch (JsonException e) {
      String text = new String(body, StandardCharsets.UTF_8).strip();
      return new ApiException(
          status, "", "HTTP " + status + " from " + base + ": " + text, List.of());
    }
    List<String> faults = new ArrayList<>();
    if (problem.get("errors") instanceof List<?> errors) {
      for (Object error : errors) {
        faults.add(error instanceof Map<?, ?> map ? fault(map) : String.valueOf(error));
      }
    }
    return new ApiException(
        status,
        String.valueOf(problem.getOrDefault("code", "")),
        String.valueOf(problem.getOrDefault("error", "HTTP " + status)),
        faults);
  }

  private static String fault(Map<?, ?> fault) {
    Object path = fault.get("path");
    Object line = fault.get("line");
    return (line == null ? "" : "line " + line + ": ")
        + (path == null || path.toString().isEmpty() ? "" : path + ": ")
        + fault.get("message");
  }

  private static String text(Map<String, @Nullable Object> reply, String member) {
    Object value = reply.get(member);
    if (value == null) {
      throw new ApiException(
          200, "", "Expected " + member + " in the reply, but got none", List.of());
    }
    return value.toString();
  }

  private static long number(Map<String, @Nullable Object> reply, String member) {
    return reply.get(member) instanceof Number number ? number.longValue() : 0;
  }
}
