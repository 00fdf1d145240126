package io.noetl.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Sends each request to another server than the one before, so that what belongs together never
 * goes to the same one. A server that does not answer is answered for with 502, as proxies do.
 */
public final class Balancer implements AutoCloseable {
  private static final List<String> FORWARDED =
      List.of("Content-Type", "Authorization", "X-Noetl-Tenant");

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger turn = new AtomicInteger();
  private final List<String> servers;
  private final HttpServer listener;
  private final AtomicLong repeated = new AtomicLong();
  private volatile Predicate<String> twice = _ -> false;

  /**
   * @param servers such as {@code http://127.0.0.1:8082}
   */
  public Balancer(List<String> servers) {
    this.servers = List.copyOf(servers);
    try {
      listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    listener.setExecutor(threads);
    listener.createContext("/", this::forward);
    listener.start();
  }

  public String url() {
    return "http://127.0.0.1:" + listener.getAddress().getPort();
  }

  /**
   * From now on requests to such paths are sent twice, to different servers. Whoever asked gets the
   * first answer or the second in turn, as after a retry whose first answer was lost.
   */
  public void repeat(Predicate<String> path) {
    twice = path;
  }

  /** How many requests have been sent twice. */
  public long repeated() {
    return repeated.get();
  }

  private String next() {
    return servers.get(Math.floorMod(turn.getAndIncrement(), servers.size()));
  }

  private void forward(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      HttpResponse<byte[]> reply = send(exchange, body);
      if (twice.test(exchange.getRequestURI().getPath())) {
        HttpResponse<byte[]> second = send(exchange, body);
        if (repeated.getAndIncrement() % 2 == 1) {
          reply = second;
        }
      }
      reply
          .headers()
          .firstValue("Retry-After")
          .ifPresent(value -> exchange.getResponseHeaders().set("Retry-After", value));
      answer(exchange, reply.statusCode(), reply.body());
    } catch (IOException e) {
      answer(exchange, 502, new byte[0]);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpResponse<byte[]> send(HttpExchange exchange, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(next() + exchange.getRequestURI()))
            .timeout(Duration.ofSeconds(20))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    for (String name : FORWARDED) {
      String value = exchange.getRequestHeaders().getFirst(name);
      if (value != null) {
        request.header(name, value);
      }
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    listener.stop(0);
    threads.shutdownNow();
  }
}
