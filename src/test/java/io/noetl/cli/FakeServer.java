package io.noetl.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.noetl.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A local HTTP server that speaks the few routes the command line uses, and can cut its event
 * stream short or hold it silent.
 */
final class FakeServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Each request as {@code METHOD path body}; the stream with its Last-Event-ID. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** How many events each connection to the stream gets before it is cut; then all of them. */
  final List<Integer> cuts = new CopyOnWriteArrayList<>();

  /** How many of the next connections to the stream say nothing at all. */
  volatile int silent;

  /** How many of the next connections to the stream are refused with 503. */
  volatile int unavailable;

  /** Resumes so many events too early, as a careless server would. */
  volatile int repeat;

  volatile String status = "COMPLETED";
  volatile Map<String, Object> execution = Map.of("status", "COMPLETED", "result", Map.of("n", 1));
  volatile int registerStatus = 200;
  volatile String registerReply =
      """
      {"status":"success","path":"examples/demo","version":3,"catalog_id":"77","kind":"Playbook"}\
      """;

  FakeServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  URI base() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String after = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    requests.add(
        exchange.getRequestMethod()
            + " "
            + path
            + (body.isEmpty() ? "" : " " + body)
            + (after == null ? "" : " after " + after));
    switch (path) {
      case "/api/catalog/register" -> reply(exchange, registerStatus, registerReply);
      case "/api/execute" ->
          reply(exchange, 200, "{\"execution_id\":\"42\",\"status\":\"started\"}");
      case "/api/executions/42" -> reply(exchange, 200, Json.text(execution));
      case "/api/executions/42/cancel" -> reply(exchange, 200, "{\"status\":\"cancelled\"}");
      case "/api/executions/42/events" -> stream(exchange, after);
      default ->
          reply(exchange, 404, "{\"error\":\"" + path + " not found\",\"code\":\"not_found\"}");
    }
  }

  private static void reply(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json; charset=utf-8");
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private void stream(HttpExchange exchange, String after) throws IOException {
    if (unavailable > 0) {
      unavailable--;
      reply(exchange, 503, "{\"error\":\"starting\",\"status\":503,\"code\":\"unavailable\"}");
      return;
    }
    exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    if (silent > 0) {
      silent--;
      out.write(": hello\n\n".getBytes(StandardCharsets.UTF_8));
      out.flush();
      // Left open: the client must give up on it.
      return;
    }
    List<String> lines = RecordedEvents.lines();
    int from = after == null ? 0 : Math.max(0, Integer.parseInt(after) - repeat);
    int to = cuts.isEmpty() ? lines.size() : Math.min(lines.size(), from + cuts.removeFirst());
    StringBuilder text = new StringBuilder("retry: 2000\n\n: comment\n\n");
    for (int i = from; i < to; i++) {
      String type = String.valueOf(Json.parseObject(lines.get(i)).get("event_type"));
      text.append("id: ").append(i + 1).append("\nevent: ").append(type);
      text.append("\ndata: ").append(lines.get(i)).append("\n\n");
    }
    if (to == lines.size()) {
      text.append("event: end\ndata: {\"status\":\"").append(status).append("\"}\n\n");
    } else {
      text.append("id: 999\ndata: {\"seq\":999,\"event_type\":\"cut off\"}\n");
    }
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    out.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
