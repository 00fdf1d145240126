package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.testing.Invariants;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Requests made from the server's own description, right and wrong ones. Whatever comes, no reply
 * is a fault of the server, every refusal has the one shape, and what is stored stays whole. How
 * many and which: {@code -Dnoetl.fuzz.requests=4000 -Dnoetl.fuzz.seed=1}.
 */
class ApiFuzzIT {
  private static final int REQUESTS = Integer.getInteger("noetl.fuzz.requests", 4_000);
  private static final long SEED = Long.getLong("noetl.fuzz.seed", 20_261_124L);
  private static final int THREADS = 4;
  private static final int MOST_FAULTS = 20;

  private static RunningServer running;
  private static Client client;

  private final SchemaFuzzer.Known known = new SchemaFuzzer.Known();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final Map<Integer, AtomicInteger> statuses =
      new java.util.concurrent.ConcurrentSkipListMap<>();
  private Map<?, ?> types = Map.of();

  @BeforeAll
  static void start() {
    ApiLimits usual = ApiLimits.DEFAULT;
    running =
        RunningServer.start(
            new ApiLimits(
                usual.bodyBytes(),
                usual.registerBytes(),
                usual.executeBytes(),
                usual.eventBytes(),
                usual.resultBytes(),
                usual.metaBytes(),
                usual.batchBytes(),
                usual.batchItems(),
                usual.storedBytes(),
                usual.pluginBytes(),
                usual.usualPageSize(),
                usual.pageSize(),
                usual.eventPageSize(),
                usual.embeddedEvents(),
                usual.replayEvents(),
                // A held reply costs a thread of this test.
                Duration.ofMillis(20),
                usual.streams(),
                usual.streamBehind(),
                usual.streamStall(),
                usual.streamHeartbeat()),
            Playbooks.CHAIN,
            Playbooks.INSTANT);
    client = running.client();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private record Operation(String method, String path, Map<?, ?> description) {}

  @Test
  void neverFailsAndStaysWhole() throws InterruptedException {
    Map<String, @Nullable Object> document = client.get("/api/openapi.json").ok().body();
    types = (Map<?, ?>) ((Map<?, ?>) document.get("components")).get("schemas");
    List<Operation> operations = new ArrayList<>();
    ((Map<?, ?>) document.get("paths"))
        .forEach(
            (path, item) ->
                ((Map<?, ?>) item)
                    .forEach(
                        (method, description) ->
                            operations.add(
                                new Operation(
                                    method.toString().toUpperCase(Locale.ROOT),
                                    path.toString(),
                                    (Map<?, ?>) description))));
    for (int i = 0; i < 5; i++) {
      String execution = client.execute("wire/chain");
      known.learn(execution);
      known.learn(client.command(execution, "start"));
    }
    AtomicInteger next = new AtomicInteger();
    List<Thread> threads =
        IntStream.range(0, THREADS)
            .mapToObj(
                _ ->
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              for (int i; (i = next.getAndIncrement()) < REQUESTS; ) {
                                attempt(i, operations);
                              }
                            }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }

    System.out.println(REQUESTS + " requests with seed " + SEED + ": " + statuses);
    assertThat(List.copyOf(faults)).as("seed %d", SEED).isEmpty();
    assertThat(statuses.get(200).get()).as("right requests").isGreaterThan(REQUESTS / 20);
    assertThat(client.get("/readyz").status()).isEqualTo(200);
    assertThat(client.post("/api/execute", "{\"path\":\"wire/instant\"}").status()).isEqualTo(200);
    Invariants.check(running.database().config());
  }

  private void attempt(int i, List<Operation> operations) {
    if (faults.size() >= MOST_FAULTS) {
      return;
    }
    Random random = new Random(SEED * 1_000_003 + i);
    SchemaFuzzer fuzzer = new SchemaFuzzer(types, known, random);
    Operation operation = operations.get(random.nextInt(operations.size()));
    String method =
        fuzzer.chance(0.97)
            ? operation.method()
            : fuzzer.any(List.of("PATCH", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "BREW"));
    List<String> headers = new ArrayList<>();
    String address = address(operation, fuzzer, headers);
    byte[] body = body(operation, fuzzer, headers);
    if (fuzzer.chance(0.05)) {
      headers.addAll(
          List.of("Accept", fuzzer.any(List.of("*/*", "text/html", "application/yaml", ";;"))));
    }
    if (fuzzer.chance(0.05)) {
      headers.addAll(List.of("Authorization", fuzzer.any(List.of("Bearer x", "Basic eDp5", ""))));
    }
    String request =
        "#%d %s %s %s %s"
            .formatted(
                i,
                method,
                address,
                headers,
                body == null
                    ? ""
                    : new String(body, 0, Math.min(body.length, 600), StandardCharsets.UTF_8));
    try {
      check(request, method, client.send(method, address, body, headers.toArray(String[]::new)));
    } catch (UncheckedIOException e) {
      // A refusal of a body that is not read to its end may get lost with the connection.
      if (body == null || body.length <= ApiLimits.DEFAULT.bodyBytes()) {
        faults.add(request + " -> " + e);
      }
    } catch (IllegalArgumentException e) {
      faults.add(request + " -> " + e);
    }
  }

  private String address(Operation operation, SchemaFuzzer fuzzer, List<String> headers) {
    String path = operation.path();
    StringBuilder query = new StringBuilder();
    List<?> parameters =
        operation.description().get("parameters") instanceof List<?> list ? list : List.of();
    for (Object item : parameters) {
      Map<?, ?> parameter = (Map<?, ?>) item;
      String name = parameter.get("name").toString();
      boolean required = Boolean.TRUE.equals(parameter.get("required"));
      if (!required && !fuzzer.chance(0.4)) {
        continue;
      }
      Object value = fuzzer.value(parameter.get("schema"), 7);
      String text = value instanceof String string ? string : Json.text(value);
      switch (parameter.get("in").toString()) {
        case "path" ->
            path = path.replace("{" + name + "}", text.isEmpty() ? "%20" : encoded(text, fuzzer));
        case "query" ->
            query
                .append(query.isEmpty() ? '?' : '&')
                .append(name)
                .append('=')
                .append(encoded(text, fuzzer));
        default -> {
          String plain = text.replaceAll("[^ -~]", "?");
          headers.addAll(List.of(name, plain.substring(0, Math.min(plain.length(), 1_000))));
        }
      }
    }
    return path + query;
  }

  private static String encoded(String text, SchemaFuzzer fuzzer) {
    String cut = text.substring(0, Math.min(text.length(), 1_000));
    String encoded = URLEncoder.encode(cut, StandardCharsets.UTF_8).replace("+", "%20");
    return fuzzer.chance(0.02)
        ? encoded + fuzzer.any(List.of("%00", "%ff%fe", "%2F..%2F", ";a=b"))
        : encoded;
  }

  private static byte @Nullable [] body(
      Operation operation, SchemaFuzzer fuzzer, List<String> headers) {
    if (!(operation.description().get("requestBody") instanceof Map<?, ?> request)) {
      return fuzzer.chance(0.1) ? fuzzer.body(Map.of()) : null;
    }
    if (fuzzer.chance(0.03)) {
      return null;
    }
    Map<?, ?> content = (Map<?, ?>) request.get("content");
    List<String> mediaTypes = content.keySet().stream().map(Object::toString).toList();
    String type = fuzzer.any(mediaTypes);
    Object schema = ((Map<?, ?>) content.get(type)).get("schema");
    if (type.startsWith("multipart")) {
      headers.addAll(List.of("Content-Type", type + "; boundary=" + fuzzer.any(List.of("b", "c"))));
      return ("--b\r\nContent-Disposition: form-data; name=\"module\"\r\n\r\n\0asm\1\0\0\0"
              + (fuzzer.chance(0.8) ? "\r\n--b--" : ""))
          .getBytes(StandardCharsets.ISO_8859_1);
    }
    headers.addAll(
        List.of(
            "Content-Type",
            fuzzer.chance(0.9) && !type.equals("*/*")
                ? type
                : fuzzer.any(
                    List.of("text/plain", "application/x-www-form-urlencoded", "a/b; c"))));
    Map<String, @Nullable Object> whole = new LinkedHashMap<>();
    return fuzzer.body(
        type.equals("application/json") ? fuzzer.value(schema, 0) : fuzzer.value(whole, 5));
  }

  private void check(String request, String method, Client.Answer answer) {
    statuses.computeIfAbsent(answer.status(), _ -> new AtomicInteger()).incrementAndGet();
    if (answer.status() >= 500) {
      faults.add(request + " -> " + answer.status() + " " + answer.text());
    } else if (answer.status() >= 400 && !method.equals("HEAD")) {
      shape(request, answer);
    }
    if (answer.header("X-Request-Id").isEmpty()) {
      faults.add(request + " -> no X-Request-Id");
    }
    if (answer.status() == 200 && answer.bytes().length < 100_000) {
      learn(answer);
    }
  }

  private void shape(String request, Client.Answer answer) {
    try {
      Map<String, @Nullable Object> body = answer.body();
      boolean whole =
          body.get("error") instanceof String sentence
              && !sentence.isBlank()
              && sentence.equals(body.get("detail"))
              && body.get("code") instanceof String
              && Long.valueOf(answer.status()).equals(body.get("status"))
              && answer.header("X-Request-Id").equals(body.get("request_id"));
      String text = answer.text();
      if (!whole || text.contains("Exception") || text.contains("java.") || text.contains("PSQL")) {
        faults.add(request + " -> " + answer.status() + " " + text);
      }
      if (answer.status() == 429 && answer.header("Retry-After").isEmpty()) {
        faults.add(request + " -> Retry-After: " + answer.header("Retry-After"));
      }
    } catch (JsonException e) {
      faults.add(request + " -> " + answer.status() + " " + answer.text() + " " + e.getMessage());
    }
  }

  /** Ids of what the server has made, so that later requests meet it. */
  private void learn(Client.Answer answer) {
    if (!answer.header("Content-Type").startsWith("application/json")) {
      return;
    }
    if (Json.parse(answer.bytes()) instanceof Map<?, ?> map) {
      for (String name : List.of("execution_id", "command_id", "event_id", "catalog_id", "path")) {
        if (map.get(name) instanceof String value) {
          known.learn(value);
        }
      }
    }
  }
}
