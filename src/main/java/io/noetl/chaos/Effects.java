package io.noetl.chaos;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The outside world: counts how often each step has done what it does. Safe for many threads. */
final class Effects implements AutoCloseable {
  /** So often does an effect of the name {@code flaky} fail before it happens. */
  static final int FAILURES = 2;

  private static final byte[] DONE = "{\"ok\":true}".getBytes(StandardCharsets.UTF_8);
  private static final byte[] BUSY = "{\"ok\":false}".getBytes(StandardCharsets.UTF_8);

  private final Map<String, Happened> times = new ConcurrentHashMap<>();
  private final Map<String, Integer> failed = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  private record Happened(int times, long firstNanos) {
    Happened again() {
      return new Happened(times + 1, firstNanos);
    }
  }

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
  int times(Object n, String name) {
    Happened happened = times.get(path(n, name));
    return happened == null ? 0 : happened.times();
  }

  /** From the first time of one effect to the first of another; null when either never happened. */
  @Nullable Duration between(Object n, String name, String later) {
    Happened from = times.get(path(n, name));
    Happened to = times.get(path(n, later));
    return from == null || to == null
        ? null
        : Duration.ofNanos(to.firstNanos() - from.firstNanos());
  }

  private static String path(Object n, String name) {
    return "/effect/" + n + "/" + name;
  }

  private void count(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      boolean busy = path.endsWith("/flaky") && failed.merge(path, 1, Integer::sum) <= FAILURES;
      if (!busy) {
        times.merge(path, new Happened(1, System.nanoTime()), (before, _) -> before.again());
      }
      byte[] answer = busy ? BUSY : DONE;
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(busy ? 503 : 200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
