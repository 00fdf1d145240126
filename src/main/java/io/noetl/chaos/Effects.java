package io.noetl.chaos;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The outside world: counts how often each step has done what it does. Safe for many threads. */
final class Effects implements AutoCloseable {
  private static final byte[] DONE = "{\"ok\":true}".getBytes(StandardCharsets.UTF_8);

  private final Map<String, Integer> times = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  Effects() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/effect/", this::count);
    server.start();
  }

  /** Below it, an effect is {@code /n/name}. */
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/effect";
  }

  /** How often an effect has happened. */
  int times(int n, String name) {
    return times.getOrDefault("/effect/" + n + "/" + name, 0);
  }

  private void count(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      times.merge(exchange.getRequestURI().getPath(), 1, Integer::sum);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, DONE.length);
      exchange.getResponseBody().write(DONE);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
