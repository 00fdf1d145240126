package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each limit at its edge: as many bytes as allowed, and one more. */
class BodyLimitIT {
  private static final ApiLimits SMALL =
      new ApiLimits(
          1_000,
          2_000,
          3_000,
          4_000,
          500,
          200,
          5_000,
          3,
          6_000,
          1_500,
          10,
          10,
          20,
          5,
          4,
          Duration.ofSeconds(2),
          2,
          10,
          Duration.ofSeconds(2),
          Duration.ofMillis(300));
  private static Database database;
  private static ServerParts server;
  private static Client client;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    server =
        new ServerParts(
            database, 1, ServerParts.config(SMALL), new OpenAccess(ServerParts.INTERNAL_TOKEN));
    client = server.client();
    client.register(Playbooks.CHAIN);
  }

  @AfterAll
  static void stop() {
    server.close();
    database.close();
  }

  private static byte[] padded(int size) {
    return ("{\"x\":\"" + "a".repeat(size - 8) + "\"}").getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/catalog/list,1000,limits.request-body",
    "/api/catalog/register,2000,limits.register-body",
    "/api/execute,3000,limits.execute-body",
    "/api/events,4000,limits.event-body",
    "/api/events/batch,5000,limits.batch-body",
    "/api/execute/batch,5000,limits.batch-body",
    "/api/internal/events/project,5000,limits.batch-body",
    "/api/internal/cleanup/purge,1000,limits.request-body"
  })
  void takesTheLimitAndRefusesOneByteMore(String path, int limit, String name) throws Exception {
    assertThat(client.send("POST", path, padded(limit)).status()).isNotEqualTo(413);

    Client.Answer declared = client.send("POST", path, padded(limit + 1));
    assertThat(declared.status()).isEqualTo(413);
    assertThat(declared.body()).containsEntry("code", "too_large");
    assertThat(declared.text("error"))
        .contains(name, "at most " + limit + " bytes", (limit + 1) + " bytes");

    assertThat(chunked(path, padded(limit))).isNotEqualTo(413);
    assertThat(chunked(path, padded(limit + 1))).isEqualTo(413);
    assertThat(client.get("/health").status()).isEqualTo(200);
  }

  /** Without a declared length. */
  private static int chunked(String path, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(client.url() + path))
            .header("Authorization", "Bearer " + ServerParts.INTERNAL_TOKEN)
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
            .build();
    return client.http().send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  @Test
  void takesAResultOfTheLimitAndRefusesOneByteMore() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    // {"status":"success","data":"…"} around it weighs 30 bytes.
    Client.Answer over =
        client.report(execution, command, 1, "\"" + "a".repeat(500 - 30 + 1) + "\"");
    assertThat(over.status()).isEqualTo(413);
    assertThat(over.text("error")).contains("limits.inline-result", "501 bytes");
    assertThat(over.text("hint")).contains("/api/result");

    client.report(execution, command, 1, "\"" + "a".repeat(500 - 30) + "\"").ok();
  }

  @Test
  void refusesMetaOverItsLimit() {
    String execution = client.execute("wire/chain");
    String event =
        "{\"execution_id\":\""
            + execution
            + "\",\"event_type\":\"my.note\",\"meta\":{\"a\":\"%s\"}}";

    assertThat(client.post("/api/events", event.formatted("b".repeat(200 - 8))).status())
        .isEqualTo(200);
    assertThat(client.post("/api/events", event.formatted("b".repeat(200 - 7))).text("error"))
        .contains("limits.meta");
  }

  @Test
  void refusesMoreItemsThanABatchMayHave() {
    String item = "{\"path\":\"wire/chain\"}";

    assertThat(client.post("/api/execute/batch", batch(item, 3)).ok().body())
        .containsEntry("started", 3L);
    Client.Answer over = client.post("/api/execute/batch", batch(item, 4));
    assertThat(over.status()).isEqualTo(422);
    assertThat(over.text("error")).contains("limits.batch-items", "at most 3", "got 4");
  }

  private static String batch(String item, int count) {
    return "{\"executions\":["
        + String.join(",", java.util.Collections.nCopies(count, item))
        + "]}";
  }

  @Test
  void clampsPages() {
    String execution = client.execute("wire/chain");

    assertThat(
            client
                .get("/api/executions/" + execution + "/events?page_size=9999")
                .at("pagination.page_size"))
        .isEqualTo(20L);
    assertThat(
            client
                .get("/api/executions/" + execution + "/events?page_size=1")
                .at("pagination.page_size"))
        .isEqualTo(10L);
  }

  @Test
  void takesAnObjectOfTheLimitAndRefusesOneByteMore() {
    String path = "/api/internal/objects/limit";

    Client.Answer over = client.send("PUT", path, new byte[6_001]);
    assertThat(over.status()).isEqualTo(413);
    assertThat(over.text("error")).contains("limits.result-body", "6000 bytes", "6001 bytes");
    assertThat(client.send("PUT", path, new byte[6_000]).status()).isEqualTo(200);
  }

  @Test
  void takesNoMoreEventsThanAReplayMay() {
    String execution = client.execute("wire/chain");
    client.post("/api/vars/" + execution, "{\"variables\":{\"a\":1,\"b\":2,\"c\":3}}").ok();
    for (int i = 0; i < 3; i++) {
      client.post("/api/vars/" + execution, "{\"variables\":{\"a\":1}}").ok();
    }

    Client.Answer replay = client.get("/api/replay/state?limit=99&execution_id=" + execution).ok();

    assertThat(replay.body()).containsEntry("event_count", 4L).containsEntry("complete", false);
    assertThat(
            client
                .post("/api/vars/" + execution, "{\"variables\":{\"a\":1,\"b\":2,\"c\":3,\"d\":4}}")
                .text("error"))
        .contains("limits.batch-items", "at most 3", "got 4");
  }

  @Test
  void holdsNoStartForLongerThanTheLimit() {
    long begun = System.nanoTime();

    Client.Answer held = client.post("/api/execute?wait=30s", "{\"path\":\"wire/chain\"}").ok();

    assertThat(held.body()).containsEntry("finished", false);
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isBetween(Duration.ofMillis(1_900), Duration.ofSeconds(20));
  }

  @Test
  void refusesAModuleOverTheLimit() {
    byte[] module = new byte[1_501];
    module[1] = 'a';
    module[2] = 's';

    assertThat(post("/api/plugins/p/limit", module).status()).isEqualTo(413);
    Client.Answer read = post("/api/plugins/p/limit", java.util.Arrays.copyOf(module, 1_500));
    assertThat(read.status()).as("read, and refused for what it imports").isEqualTo(422);
    assertThat(read.text()).contains("host_mutate_catalog");
  }

  private static Client.Answer post(String path, byte[] module) {
    return client.send("POST", path, module, "Content-Type", "application/wasm");
  }
}
