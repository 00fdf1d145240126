package io.noetl.testing;

import io.noetl.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A user of the API. With several addresses it speaks to them in turn, as behind a balancer. Safe
 * for use by many threads.
 */
public final class TestClient {
  private static final Duration ANSWER = Duration.ofSeconds(30);

  private final String[] always;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final List<String> servers;
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * @param servers such as {@code http://127.0.0.1:8082}
   */
  public TestClient(String... servers) {
    this.servers = List.of(servers);
    this.always = new String[0];
  }

  private TestClient(String server, String[] always) {
    this.servers = List.of(server);
    this.always = always;
  }

  /** A user with a token. */
  public static TestClient withToken(String server, String token) {
    return new TestClient(server, new String[] {"Authorization", "Bearer " + token});
  }

  /** A user with a token, and one more header. */
  public static TestClient withToken(String server, String token, String name, String value) {
    return new TestClient(server, new String[] {"Authorization", "Bearer " + token, name, value});
  }

  /** A reply, with its body as it came. */
  public record Answer(int status, String text) {
    public Map<String, @Nullable Object> body() {
      return Json.parseObject(text);
    }

    /** The answer, which must be a success. */
    public Answer ok() {
      if (status / 100 != 2) {
        throw new AssertionError("HTTP " + status + " " + text);
      }
      return this;
    }
  }

  public Answer get(String path) throws IOException {
    return send("GET", path, "application/json", null);
  }

  public Answer post(String path, Map<String, ? extends @Nullable Object> json) throws IOException {
    return send("POST", path, "application/json", Json.bytes(json));
  }

  public Answer delete(String path) throws IOException {
    return send("DELETE", path, "application/json", null);
  }

  /** As {@link #post}, with more headers: names and values in turn. */
  public Answer post(String path, Map<String, ? extends @Nullable Object> json, String... headers)
      throws IOException {
    return send("POST", path, "application/json", Json.bytes(json), headers);
  }

  private Answer send(
      String method, String path, String type, byte @Nullable [] body, String... headers)
      throws IOException {
    String server = servers.get(Math.floorMod(turn.getAndIncrement(), servers.size()));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + path))
            .timeout(ANSWER)
            .header("Content-Type", type)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    for (int i = 0; i < always.length; i += 2) {
      request.setHeader(always[i], always[i + 1]);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<byte[]> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Registers a playbook and returns its path. */
  public String register(String yaml) throws IOException {
    return String.valueOf(
        post("/api/catalog/register", Map.of("content", yaml)).ok().body().get("path"));
  }

  /** Registers a module of {@code wasm-plugins} under a path. */
  public void plugin(String path, String name) throws IOException {
    byte[] module = Files.readAllBytes(Path.of("wasm-plugins", name, name + ".wasm"));
    send("POST", "/api/plugins/" + path, "application/wasm", module).ok();
  }

  /** Registers a module as it is. */
  public Answer module(String path, byte[] module) throws IOException {
    return send("POST", "/api/plugins/" + path, "application/wasm", module);
  }

  /** Starts an execution and returns its id. */
  public String execute(String path, Map<String, ? extends @Nullable Object> payload)
      throws IOException {
    return String.valueOf(
        post("/api/execute", Map.of("path", path, "payload", payload))
            .ok()
            .body()
            .get("execution_id"));
  }

  /**
   * Starts an execution although servers come and go: repeats it under a key until it is answered.
   */
  public String executeOnce(
      String path, Map<String, ? extends @Nullable Object> payload, String key, Duration patience) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("path", path);
    body.put("payload", payload);
    body.put("dedup", Map.of("key", key));
    List<String> answers = new ArrayList<>(List.of("no answer"));
    List<String> started = new ArrayList<>();
    Waiting.until(
        patience,
        answers::getLast,
        () -> {
          try {
            Answer answer = post("/api/execute", body);
            answers.add("HTTP " + answer.status() + " " + answer.text());
            if (answer.status() == 200) {
              started.add(String.valueOf(answer.body().get("execution_id")));
            } else if (answer.status() < 500 && answer.status() != 429) {
              throw new AssertionError(answers.getLast());
            }
          } catch (IOException e) {
            answers.add(String.valueOf(e));
          }
          return !started.isEmpty();
        });
    return started.getFirst();
  }

  /** The execution as the API shows it. */
  public Map<String, @Nullable Object> execution(String id) throws IOException {
    return get("/api/executions/" + id).ok().body();
  }

  /** All events of an execution, in order. */
  @SuppressWarnings("unchecked") // JSON objects have string keys
  public List<Map<String, @Nullable Object>> events(String id) throws IOException {
    return (List<Map<String, @Nullable Object>>)
        (List<?>)
            List.copyOf(
                (Collection<?>)
                    get("/api/executions/" + id + "/events?page_size=500")
                        .ok()
                        .body()
                        .get("events"));
  }

  /** Waits until the execution has ended and returns it. */
  public Map<String, @Nullable Object> ended(String id, Duration patience) {
    List<Map<String, @Nullable Object>> seen = new ArrayList<>(List.of(Map.of()));
    Waiting.until(
        patience,
        () -> "execution " + id + ": " + seen.getLast(),
        () -> {
          try {
            Answer answer = get("/api/executions/" + id);
            if (answer.status() == 200) {
              seen.add(answer.body());
              return !"RUNNING".equals(seen.getLast().get("status"));
            }
            seen.add(Map.of("HTTP " + answer.status(), answer.text()));
          } catch (IOException e) {
            seen.add(Map.of("error", String.valueOf(e)));
          }
          return false;
        });
    return seen.getLast();
  }

  /** As {@link #get}, for callers that have no other way than to fail. */
  public Answer look(String path) {
    try {
      return get(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
