package io.noetl.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.noetl.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An HTTP server that remembers what it was asked, and answers what a test says. */
public final class RecordingServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private volatile Function<Request, Answer> answers;

  /** A request as it came; names of headers in lower case. */
  public record Request(
      String method, String path, String query, Map<String, String> headers, String body) {

    public @Nullable String header(String name) {
      return headers.get(name);
    }

    /** A member of a form in the body. */
    public @Nullable String form(String name) {
      for (String pair : body.split("&")) {
        String[] parts = pair.split("=", 2);
        if (parts[0].equals(name) && parts.length == 2) {
          return URLDecoder.decode(parts[1], StandardCharsets.UTF_8);
        }
      }
      return null;
    }

    /** The request as a document, as a server that tells everything would answer. */
    public Answer echo() {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      map.put("path", path);
      map.put("query", query);
      map.put("headers", headers);
      map.put("body", body);
      return new Answer(200, Json.text(map));
    }
  }

  /** What is answered. */
  public record Answer(int status, String json) {}

  public RecordingServer(Function<Request, Answer> answers) throws IOException {
    this.answers = answers;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public void answer(Function<Request, Answer> with) {
    answers = with;
  }

  public String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  /** Everything that was asked for on this path, in order. */
  public List<Request> requests(String path) {
    return requests.stream().filter(request -> request.path().equals(path)).toList();
  }

  /** The latest request on this path. */
  public Request last(String path) {
    return requests(path).getLast();
  }

  private void handle(HttpExchange exchange) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
    String query = exchange.getRequestURI().getRawQuery();
    Request request =
        new Request(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getPath(),
            query == null ? "" : query,
            headers,
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    requests.add(request);
    Answer answer = answers.apply(request);
    byte[] body = answer.json().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
