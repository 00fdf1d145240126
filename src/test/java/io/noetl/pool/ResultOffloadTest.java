package io.noetl.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.noetl.json.Json;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import io.noetl.tool.sequence.CommandResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A report carries small data itself, and a reference to large data that was stored before. */
final class ResultOffloadTest {
  private static final String STORED =
      """
      {"ref": "noetl://execution/1/result/load/9", "store": "db", "scope": "execution", "bytes": 5000, "sha": "ab"}
      """;

  private final ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final List<String> queries = new ArrayList<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private HttpServer server = unstarted();
  private ResultOffload offload = offload(server);

  private static HttpServer unstarted() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ResultOffload offload(HttpServer server) {
    return new ResultOffload(
        new ServerClient(
            "http://127.0.0.1:" + server.getAddress().getPort(), Duration.ofSeconds(5), ""),
        1_000);
  }

  @BeforeEach
  void start() {
    server.createContext("/api/result/1", this::handle);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    queries.add(exchange.getRequestURI().getQuery());
    bodies.add(exchange.getRequestBody().readAllBytes());
    Integer status = statuses.poll();
    byte[] answer =
        (status == null ? STORED : "{\"error\": \"no room for it\"}")
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status == null ? 200 : status, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private static Leases.Held held(Map<String, @Nullable Object> context) {
    return new Leases.Held(
        new Claimed("default", 5, 1, "load", "python", 2, 1, 30, null, context, Map.of()),
        Thread.currentThread());
  }

  private @Nullable Outcome prepared(Outcome outcome, Map<String, @Nullable Object> context)
      throws InterruptedException {
    CommandResult result = offload.prepared(held(context), new CommandResult(outcome, List.of()));
    return result == null ? null : result.outcome();
  }

  private static Map<String, @Nullable Object> large() {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("n", 3L);
    data.put("pad", "x".repeat(5_000));
    return data;
  }

  @Test
  void smallDataIsReportedAsItIs() throws Exception {
    Outcome outcome = Outcome.success(Map.of("n", 3L));

    assertThat(prepared(outcome, Map.of())).isSameAs(outcome);
    assertThat(bodies).isEmpty();
  }

  @Test
  void largeDataIsStoredAndReportedByReference() throws Exception {
    Outcome told = prepared(Outcome.success(large()), Map.of());

    assertThat(told).isNotNull();
    assertThat(References.elsewhere(told)).isTrue();
    Map<String, @Nullable Object> reference = told.reference();
    assertThat(reference).isNotNull();
    assertThat(reference.get("extracted")).isEqualTo(Map.of("n", 3L));
    assertThat(reference.get("keys")).isEqualTo(List.of("n", "pad"));
    assertThat(bodies).singleElement().isEqualTo(Json.bytes(large()));
    assertThat(queries.getFirst())
        .contains("name=load")
        .contains("\"command_id\":\"5\"")
        .contains("\"attempt\":2");
  }

  @Test
  void storesAgainWhileTheServerIsAway() throws Exception {
    statuses.addAll(List.of(503, 500));

    assertThat(prepared(Outcome.success(large()), Map.of())).isNotNull();
    assertThat(bodies).hasSize(3);
  }

  @Test
  void dataThatTheServerRefusesIsAHardErrorAndNoStatusWithoutData() throws Exception {
    statuses.add(413);
    Outcome told = prepared(Outcome.success(large()), Map.of());

    assertThat(told).isNotNull();
    assertThat(told.hard()).isTrue();
    Map<String, @Nullable Object> error = told.error();
    assertThat(error).isNotNull();
    assertThat(error)
        .containsEntry("code", "RESULT_TOO_LARGE")
        .containsEntry("message", "no room for it");
  }

  @Test
  void dataOfAStepThatDeclaresOutputIsStoredAndReportedToo() throws Exception {
    Outcome told =
        prepared(
            Outcome.success(Map.of("n", 3L)),
            Map.of("output", Map.of("store", Map.of("ttl", "1h"), "scope", "workflow")));

    assertThat(told).isNotNull();
    assertThat(told.data()).isEqualTo(Map.of("n", 3L));
    assertThat(told.reference()).isNotNull();
    assertThat(queries.getFirst()).contains("ttl=1h").contains("scope=workflow");
  }

  @Test
  void longStreamsAreReportedByTheirEnd() throws Exception {
    Map<String, @Nullable Object> streams = new LinkedHashMap<>();
    streams.put("stdout", "a".repeat(100_000) + "end");
    streams.put("exit_code", 0L);
    Outcome told =
        prepared(
            new Outcome(
                Outcome.Status.SUCCESS,
                Outcome.Shape.SINGLE,
                1L,
                null,
                false,
                null,
                Map.of(),
                null,
                streams),
            Map.of());

    assertThat(told).isNotNull();
    Map<String, @Nullable Object> kept = told.streams();
    assertThat(kept).isNotNull();
    assertThat(String.valueOf(kept.get("stdout"))).hasSize(8_192).endsWith("end");
    assertThat(kept.get("exit_code")).isEqualTo(0L);
  }
}
