package io.noetl.api;

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
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Calls a server as clients do: over HTTP, with JSON written out. Internal routes get the token of
 * tests, unless a call brings its own.
 */
record Client(HttpClient http, String url) {
  private static final Pattern INTERNAL = Pattern.compile("/api/(internal|db)/.*");

  Client(String url) {
    this(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(), url);
  }

  /** A reply with its body as it came. */
  record Answer(int status, java.net.http.HttpHeaders headers, byte[] bytes) {
    Map<String, @Nullable Object> body() {
      return Json.parseObject(bytes);
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> array() {
      return (List<Map<String, Object>>) Json.parse(bytes);
    }

    /** A member by its path, such as {@code events.0.result.status}. */
    @Nullable Object at(String path) {
      Object value = Json.parse(bytes);
      for (String name : path.split("\\.")) {
        value =
            switch (value) {
              case Map<?, ?> map -> map.get(name);
              case List<?> list -> list.get(Integer.parseInt(name));
              case null, default -> null;
            };
      }
      return value;
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> map(String path) {
      return (Map<String, Object>) at(path);
    }

    String text(String path) {
      return String.valueOf(at(path));
    }

    /** The answer, which must be a success. */
    Answer ok() {
      if (status / 100 != 2) {
        throw new AssertionError(status + " " + text());
      }
      return this;
    }

    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }
  }

  Answer get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  Answer post(String path, String json, String... headers) {
    return send("POST", path, json.getBytes(StandardCharsets.UTF_8), headers);
  }

  Answer post(String path, Map<String, @Nullable Object> json, String... headers) {
    return send("POST", path, Json.bytes(json), headers);
  }

  Answer delete(String path) {
    return send("DELETE", path, null);
  }

  /** Posts a file of {@code src/test/resources/clients}, its {@code ${names}} replaced. */
  Answer postFile(String path, String file, Map<String, String> values) {
    try {
      String text = Files.readString(Path.of("src/test/resources/clients", file));
      for (Map.Entry<String, String> value : values.entrySet()) {
        text = text.replace("${" + value.getKey() + "}", value.getValue());
      }
      return post(path, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Answer send(String method, String path, byte @Nullable [] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    if (INTERNAL.matcher(path).matches() && !List.of(headers).contains("Authorization")) {
      request.header("Authorization", "Bearer " + ServerParts.INTERNAL_TOKEN);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<byte[]> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Registers a playbook and returns its path. */
  String register(String yaml) {
    return post("/api/catalog/register", Map.of("content", yaml)).ok().text("path");
  }

  /** Starts an execution and returns its id. */
  String execute(String path) {
    return post("/api/execute", Map.of("path", path)).ok().text("execution_id");
  }

  /** Open commands of an execution, the oldest first, by step. */
  String command(String executionId, String step) {
    for (Object item :
        (List<?>) get("/api/commands?execution_id=" + executionId).ok().at("items")) {
      if (item instanceof Map<?, ?> map && step.equals(map.get("node_name"))) {
        return String.valueOf(map.get("command_id"));
      }
    }
    throw new AssertionError("no open command of step " + step);
  }

  /** Claims a command. */
  Answer claim(String commandId, String worker) {
    return post("/api/commands/" + commandId + "/claim", Map.of("worker_id", worker));
  }

  /** Reports a success in the short form of our own worker. */
  Answer report(String executionId, String commandId, long fence, String resultJson) {
    return post(
        "/api/events",
        """
        {"event_type":"command.completed","execution_id":"%s","command_id":"%s","worker_id":"w1",
         "meta":{"fence":%d,"attempt":1},"context":{"result":{"status":"success","data":%s}}}
        """
            .formatted(executionId, commandId, fence, resultJson));
  }
}
