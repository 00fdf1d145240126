package io.noetl.tool;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.noetl.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** The server that examples of the language talk to, and some more paths. */
public final class TestServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, String> headers = new ConcurrentHashMap<>();
  private final AtomicInteger flaky = new AtomicInteger();
  private final CountDownLatch closing = new CountDownLatch(1);

  public TestServer() throws IOException {
    this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
  }

  public TestServer(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /**
   * A header of the last call of {@code /echo}, by its name in lower case; null when it had none.
   */
  public @Nullable String header(String name) {
    return headers.get(name);
  }

  /** How often {@code /flaky} was called. */
  public int flakyCalls() {
    return flaky.get();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    switch (path) {
      case "/ok" -> json(exchange, 200, "{\"id\": 7, \"items\": [1, 2, 3]}");
      case "/missing" -> json(exchange, 404, "{\"detail\": \"no\"}");
      case "/flaky" -> {
        if (flaky.incrementAndGet() % 3 == 0) {
          json(exchange, 200, "{\"ok\": true}");
        } else {
          json(exchange, 503, "{}");
        }
      }
      case "/page" -> {
        int n = Integer.parseInt(exchange.getRequestURI().getQuery().replace("n=", ""));
        json(exchange, 200, "{\"n\": %d, \"more\": %s, \"items\": [%d]}".formatted(n, n < 3, n));
      }
      case "/echo" -> echo(exchange);
      case "/script" -> send(exchange, 200, "result = {'fetched': True}", "text/x-python");
      case "/text" -> send(exchange, 200, "not json {", "text/plain");
      case "/latin" -> {
        byte[] body = "ž".getBytes(java.nio.charset.Charset.forName("ISO-8859-2"));
        send(exchange, 200, body, "text/plain; charset=iso-8859-2");
      }
      case "/empty" -> {
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
      }
      case "/gzip" -> gzip(exchange);
      case "/loop" -> redirect(exchange, 302, "/loop");
      case "/hang" -> hang(exchange, false);
      case "/drip" -> hang(exchange, true);
      case "/big" -> {
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
          byte[] block = "x".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
          int blocks = Integer.parseInt(exchange.getRequestURI().getQuery());
          for (int i = 0; i < blocks; i++) {
            out.write(block);
          }
        }
      }
      default -> other(exchange, path);
    }
  }

  private void other(HttpExchange exchange, String path) throws IOException {
    if (path.startsWith("/status/")) {
      if (path.endsWith("429")) {
        exchange.getResponseHeaders().set("Retry-After", "7");
      }
      json(exchange, Integer.parseInt(path.substring(8)), "{}");
    } else if (path.startsWith("/redirect/")) {
      redirect(exchange, Integer.parseInt(path.substring(10)), "/echo");
    } else {
      json(exchange, 404, "{}");
    }
  }

  private void hang(HttpExchange exchange, boolean afterHeaders) throws IOException {
    if (afterHeaders) {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write('x');
      exchange.getResponseBody().flush();
    }
    try {
      closing.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exchange.close();
  }

  private static void redirect(HttpExchange exchange, int status, String to) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set("Location", to);
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private void echo(HttpExchange exchange) throws IOException {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("method", exchange.getRequestMethod());
    map.put("query", exchange.getRequestURI().getRawQuery());
    headers.clear();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(), String.join(",", values)));
    map.put("headers", Map.copyOf(headers));
    map.put("body", new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    json(exchange, 200, Json.text(map));
  }

  private static void gzip(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = new GZIPOutputStream(exchange.getResponseBody())) {
      out.write("{\"zipped\": true}".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void json(HttpExchange exchange, int status, String body) throws IOException {
    send(exchange, status, body, "application/json");
  }

  private static void send(HttpExchange exchange, int status, String body, String type)
      throws IOException {
    send(exchange, status, body.getBytes(StandardCharsets.UTF_8), type);
  }

  private static void send(HttpExchange exchange, int status, byte[] body, String type)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
