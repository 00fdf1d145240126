package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.json.Json;
import io.noetl.postgres.Database;
import io.noetl.result.ResultStore;
import io.noetl.testing.Databases;
import io.noetl.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Results out of line: stored once, found by reference, gone when their time is over. */
class ResultRoutesIT {
  private static final String JSON = "application/json";
  private static Database database;
  private static ServerParts server;
  private static Client client;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    server = new ServerParts(database, 1);
    client = server.client();
    client.register(Playbooks.CHAIN);
    client.register(Playbooks.INSTANT);
  }

  @AfterAll
  static void stop() {
    server.close();
    database.close();
  }

  private static Client.Answer put(String execution, String json) {
    return client.send(
        "PUT",
        "/api/result/" + execution,
        json.getBytes(StandardCharsets.UTF_8),
        "Content-Type",
        JSON);
  }

  private static Client.Answer raw(String execution, String query, byte[] body, String type) {
    return client.send("PUT", "/api/result/" + execution + "?" + query, body, "Content-Type", type);
  }

  @Test
  void storesAndResolvesWhatWasStored() {
    String execution = client.execute("wire/chain");
    Client.Answer stored =
        put(
                execution,
                """
                {"name": "load", "source_step": "start", "data": {"b": 1, "a": [1.5, null]}}
                """)
            .ok();

    assertThat(stored.text("ref")).matches("noetl://execution/" + execution + "/result/load/\\d+");
    assertThat(stored.body())
        .containsEntry("store", "db")
        .containsEntry("scope", "execution")
        .containsEntry("bytes", (long) "{\"b\":1,\"a\":[1.5,null]}".length())
        .doesNotContainKey("expires_at");
    Client.Answer resolved = client.get("/api/result/resolve?ref=" + stored.text("ref")).ok();
    assertThat(resolved.text()).isEqualTo("{\"b\":1,\"a\":[1.5,null]}");
    assertThat(resolved.header("NoETL-Result-Ref")).isEqualTo(stored.text("ref"));
    assertThat(
            client
                .get("/api/result/" + execution + "/list?step_name=start")
                .ok()
                .text("refs.0.ref"))
        .isEqualTo(stored.text("ref"));
    assertThat(client.get("/api/result/" + execution + "/list?scope=step").ok().at("count"))
        .isEqualTo(0L);
    assertThat(client.get("/api/result/" + execution + "/load?resolve=true").ok().text())
        .isEqualTo("{\"b\":1,\"a\":[1.5,null]}");
  }

  @Test
  void theSameAttemptOfACommandStoresOnce() throws Exception {
    String execution = client.execute("wire/chain");
    String body =
        """
        {"name": "n", "data": "same content, same digest", "correlation": {"command_id": "5", "attempt": %d}}
        """;
    String first = put(execution, body.formatted(1)).ok().text("ref");

    assertThat(put(execution, body.formatted(1)).ok().text("ref")).isEqualTo(first);
    assertThat(put(execution, body.formatted(2)).ok().text("ref")).isNotEqualTo(first);
    assertThat(
            Databases.count(
                database.config(),
                "select count(*) from noetl.result_blob b join noetl.result r using (tenant_id,"
                    + " sha) where r.execution_id = "
                    + execution))
        .isEqualTo(2);
    assertThat(
            Databases.count(
                database.config(),
                "select count(distinct sha) from noetl.result where execution_id = " + execution))
        .isEqualTo(1);
  }

  @Test
  void takesTheDataAsTheBody() {
    String execution = client.execute("wire/chain");
    byte[] large = Json.bytes("x".repeat(3_000_000));
    String ref = raw(execution, "name=a%2Fb&ttl=1h", large, JSON).ok().text("ref");

    assertThat(ref).contains("/result/a%2Fb/");
    assertThat(
            client
                .get(
                    "/api/result/resolve?ref="
                        + java.net.URLEncoder.encode(ref, StandardCharsets.UTF_8))
                .ok()
                .bytes())
        .isEqualTo(large);
    assertThat(client.get("/api/result/" + execution + "/list").ok().text("refs.0.expires_at"))
        .startsWith("20");
  }

  @Test
  void refusesWhatItCannotTake() {
    String execution = client.execute("wire/chain");

    assertThat(put("4711", "{\"name\": \"x\", \"data\": 1}").status()).isEqualTo(404);
    assertThat(put(execution, "{\"data\": 1}").status()).isEqualTo(422);
    assertThat(
            put(execution, "{\"name\": \"x\", \"data\": 1, \"scope\": \"galaxy\"}").text("error"))
        .contains("galaxy");
    assertThat(put(execution, "{\"name\": \"x\", \"data\": 1, \"ttl\": \"soon\"}").text("error"))
        .contains("30m");
    assertThat(raw(execution, "ttl=1h", new byte[] {1}, "text/plain").status()).isEqualTo(422);
    for (String bad : List.of("noetl://x", "http://a/b", "noetl://execution/1/result/n/x")) {
      Client.Answer answer = client.get("/api/result/resolve?ref=" + bad);
      assertThat(answer.status()).as(bad).isEqualTo(400);
      assertThat(answer.text("code")).isEqualTo("bad_ref");
    }
    assertThat(client.get("/api/result/resolve").text("code")).isEqualTo("bad_ref");
    assertThat(
            client
                .get("/api/result/resolve?ref=noetl://execution/" + execution + "/result/n/1")
                .text("code"))
        .isEqualTo("not_found");
    assertThat(client.get("/api/result/" + execution + "/nothing").status()).isEqualTo(404);
  }

  @Test
  void aResultIsKeptWhileItsExecutionRunsAndGoesWithItsTime() {
    String execution = client.execute("wire/chain");
    String ref = raw(execution, "name=brief&ttl=1ms", new byte[] {'1'}, JSON).ok().text("ref");
    ResultStore store = new ResultStore(database);
    store.sweep(100, Duration.ofHours(1));
    assertThat(client.get("/api/result/resolve?ref=" + ref).ok().text()).isEqualTo("1");
    assertThat(client.delete("/api/result/" + execution).status()).isEqualTo(409);

    client.post("/api/executions/" + execution + "/cancel", "{}").ok();

    assertThat(client.get("/api/result/resolve?ref=" + ref).status()).isEqualTo(410);
    assertThat(client.get("/api/result/resolve?ref=" + ref).text("code")).isEqualTo("expired");
    assertThat(store.sweep(100, Duration.ZERO)).isPositive();
    assertThat(client.get("/api/result/resolve?ref=" + ref).status()).isEqualTo(410);
    assertThat(client.delete("/api/result/" + execution + "/step/none").ok().at("deleted"))
        .isEqualTo(0L);
    assertThat(client.delete("/api/result/" + execution).ok().at("deleted")).isEqualTo(1L);
    assertThat(client.get("/api/result/resolve?ref=" + ref).status()).isEqualTo(404);
  }

  @Test
  void anEventGivesTheDataThatItStandsForWhereverItIs() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    String ref =
        put(execution, "{\"name\": \"start\", \"data\": {\"n\": 1, \"big\": \"yes\"}}")
            .ok()
            .text("ref");
    client
        .post(
            "/api/events",
            """
            {"event_type":"command.completed","execution_id":"%s","command_id":"%s","worker_id":"w1",
             "meta":{"fence":1,"attempt":1},"context":{"result":{"status":"success",
             "reference":{"uri":"%s","kind":"result_ref","store":"db","bytes":20}}}}
            """
                .formatted(execution, command, ref))
        .ok();
    String next = client.command(execution, "second");
    client.claim(next, "w1").ok();
    client.report(execution, next, 1, "{\"n\": 2}").ok();

    List<?> done =
        (List<?>)
            client
                .get("/api/executions/" + execution + "/events?event_type=call.done")
                .ok()
                .at("events");
    Object one = ((Map<?, ?>) done.get(0)).get("event_id");
    Object two = ((Map<?, ?>) done.get(1)).get("event_id");
    Client.Answer stored = client.get("/api/events/" + one + "/result").ok();
    assertThat(stored.text()).isEqualTo("{\"n\":1,\"big\":\"yes\"}");
    assertThat(stored.header("NoETL-Result-Ref")).isEqualTo(ref);
    assertThat(client.get("/api/events/" + two + "/result").ok().text()).isEqualTo("{\"n\":2}");
    assertThat(client.get("/api/events/" + execution + "/result").status()).isEqualTo(404);
    assertThat(client.get("/api/result/" + execution + "/start").ok().text("ref")).isEqualTo(ref);
    assertThat(client.get("/api/result/" + execution + "/start?resolve=true").ok().at("big"))
        .isEqualTo("yes");
    assertThat(client.get("/api/result/" + execution + "/second").ok().at("data.n")).isEqualTo(2L);
  }
}
