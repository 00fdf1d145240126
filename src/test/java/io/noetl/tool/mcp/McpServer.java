package io.noetl.tool.mcp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.noetl.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A Model Context Protocol server over HTTP. Its path says how it answers: {@code /json}, {@code
 * /events} (a stream that stays open), {@code /silent} (no reply), {@code /locked} (status 401).
 */
final class McpServer implements AutoCloseable {
  /** What was received: the method, and headers by lower-case name. */
  record Received(String method, Map<String, String> headers, Map<String, @Nullable Object> body) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);
  final List<Received> received = new CopyOnWriteArrayList<>();

  McpServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  List<String> methods() {
    return received.stream().map(Received::method).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] bytes = exchange.getRequestBody().readAllBytes();
    Map<String, String> headers = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(), String.join(",", values)));
    Map<String, @Nullable Object> body = bytes.length == 0 ? Map.of() : Json.parseObject(bytes);
    Object method = body.getOrDefault("method", exchange.getRequestMethod());
    received.add(new Received(String.valueOf(method), headers, body));
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/locked")) {
      send(exchange, 401, "text/plain", "no");
    } else if (body.get("id") == null) {
      exchange.sendResponseHeaders(202, -1);
      exchange.close();
    } else {
      answer(exchange, path, body);
    }
  }

  private void answer(HttpExchange exchange, String path, Map<String, @Nullable Object> body)
      throws IOException {
    Map<String, @Nullable Object> reply = new LinkedHashMap<>();
    reply.put("jsonrpc", "2.0");
    reply.put("id", body.get("id"));
    Map<?, ?> params = (Map<?, ?>) body.get("params");
    switch (String.valueOf(body.get("method"))) {
      case "initialize" -> {
        if (!path.equals("/plain")) {
          exchange.getResponseHeaders().set("Mcp-Session-Id", "s-1");
        }
        reply.put(
            "result",
            Map.of(
                "protocolVersion",
                String.valueOf(params.get("protocolVersion")),
                "capabilities",
                Map.of(),
                "serverInfo",
                Map.of("name", "calculator", "version", "1")));
      }
      case "tools/list" -> reply.put("result", Map.of("tools", List.of(Map.of("name", "add"))));
      case "tools/call" -> called(params, reply);
      case "number" -> reply.put("result", 42L);
      default -> reply.put("error", Map.of("code", -32601L, "message", "Method not found"));
    }
    String json = Json.text(reply);
    switch (path) {
      case "/events" -> events(exchange, json);
      case "/silent" -> send(exchange, 200, "application/json", "{}");
      default -> send(exchange, 200, "application/json", json);
    }
  }

  private static void called(Map<?, ?> params, Map<String, @Nullable Object> reply) {
    Map<?, ?> arguments = (Map<?, ?>) params.get("arguments");
    if ("add".equals(params.get("name"))) {
      long sum =
          ((Number) arguments.get("a")).longValue() + ((Number) arguments.get("b")).longValue();
      reply.put("result", Map.of("content", List.of(text(String.valueOf(sum)))));
    } else {
      reply.put(
          "result",
          Map.of(
              "isError",
              true,
              "content",
              List.of(text("one"), Map.of("type", "image", "data", "x"), text("two"))));
    }
  }

  private static Map<String, Object> text(String text) {
    return Map.of("type", "text", "text", text);
  }

  /** The reply comes second, over two lines of data, and the stream stays open behind it. */
  private void events(HttpExchange exchange, String json) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    int cut = json.indexOf(',') + 1;
    out.write(
        (": hello\r\n\r\nevent: message\r\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"note\"}\r\n\r\n"
                + "id: 7\r\ndata: "
                + json.substring(0, cut)
                + "\r\ndata: "
                + json.substring(cut)
                + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    out.flush();
    try {
      closing.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exchange.close();
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
