package io.noetl.chaos;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A client of the API that speaks to both servers in turn and repeats what was not answered. Safe
 * for use by many threads.
 */
final class Client {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 1000;

  private final HttpClient http;
  private final List<String> servers;
  private final AtomicInteger turn = new AtomicInteger();

  Client(HttpClient http, List<String> servers) {
    this.http = http;
    this.servers = List.copyOf(servers);
  }

  /**
   * An answer.
   *
   * @param tries how often it was asked for, 1 or more
   */
  record Answer(int status, Map<String, @Nullable Object> body, int tries) {}

  /**
   * Asks until there is an answer that is neither 5xx nor 429.
   *
   * @throws InterruptedException when nobody wants it any more
   */
  Answer insist(String method, String path, String type, byte @Nullable [] body)
      throws InterruptedException {
    long pause = FIRST_PAUSE_MILLIS;
    for (int tries = 1; ; tries++) {
      try {
        HttpResponse<byte[]> reply = once(method, path, type, body);
        int status = reply.statusCode();
        if (status < 500 && status != 429) {
          return new Answer(status, parsed(reply.body()), tries);
        }
      } catch (IOException e) {
        // Whether the server has acted is unknown; that is why requests carry a key.
        pause = Math.max(pause, FIRST_PAUSE_MILLIS);
      }
      Thread.sleep(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  Answer post(String path, Map<String, ? extends @Nullable Object> body)
      throws InterruptedException {
    return insist("POST", path, "application/json", Json.bytes(body));
  }

  Answer get(String path) throws InterruptedException {
    return insist("GET", path, "application/json", null);
  }

  /** The answer, which must be a success. */
  static Answer ok(Answer answer) {
    if (answer.status() / 100 != 2) {
      throw new IllegalStateException(
          "Expected success, but got HTTP " + answer.status() + " " + answer.body());
    }
    return answer;
  }

  private HttpResponse<byte[]> once(String method, String path, String type, byte @Nullable [] body)
      throws IOException, InterruptedException {
    String server = servers.get(Math.floorMod(turn.getAndIncrement(), servers.size()));
    return http.send(
        HttpRequest.newBuilder(URI.create(server + path))
            .timeout(ANSWER)
            .header("Content-Type", type)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private static Map<String, @Nullable Object> parsed(byte[] body) {
    try {
      return body.length == 0 ? Map.of() : Json.parseObject(body);
    } catch (JsonException e) {
      return Map.of("error", new String(body, StandardCharsets.UTF_8));
    }
  }
}
