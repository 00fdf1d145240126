package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpkeepRoutesIT {
  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN, Playbooks.INSTANT);
    client = running.client();
  }

  @AfterAll
  static void stop() {
    Invariants.check(running.database().config());
    running.close();
  }

  private static void project(String execution) {
    running.update(
        """
        with moved as (delete from noetl.event_outbox where execution_id = %s
          returning execution_id, seq, event_id, event_type, tenant_id, payload, created_at)
        insert into noetl.event select * from moved
        """
            .formatted(execution));
  }

  private static void age(String execution, int days) {
    running.update(
        "update noetl.execution set ended_at = now() - interval '%d days' where execution_id = %s"
            .formatted(days, execution));
  }

  @Test
  void findsTheSchemaWholeAndHasNothingToDo() {
    assertThat(client.get("/api/db/validate").ok().body())
        .containsEntry("status", "ok")
        .containsEntry("valid", true)
        .containsEntry("missing", List.of());
    assertThat(client.get("/api/db/validate").text("tables"))
        .contains("execution", "event", "event_outbox", "command", "stored_object");
    assertThat(client.post("/api/db/init", "").ok().body())
        .containsEntry("status", "ok")
        .containsEntry("message", "nothing was pending");
  }

  @Test
  void namesATableThatIsMissing() {
    running.update("alter table noetl.stored_object rename to elsewhere");
    try {
      Client.Answer answer = client.get("/api/db/validate").ok();

      assertThat(answer.body())
          .containsEntry("valid", false)
          .containsEntry("missing", List.of("stored_object"));
      assertThat(answer.text("message")).contains("stored_object");
    } finally {
      running.update("alter table noetl.elsewhere rename to stored_object");
    }
  }

  @Test
  void movesNamedEventsToTheLogOnce() {
    String execution = client.execute("wire/instant");
    Map<String, Object> last =
        client.get("/api/executions/" + execution + "/events").map("events.2");
    Map<String, Object> body = Map.of("events", List.of(last, last));
    Object events = client.get("/api/executions/" + execution).at("event_count");

    assertThat(client.post("/api/internal/events/project", body).ok().body())
        .containsEntry("projected", 1L)
        .containsEntry("duplicates", 1L);
    assertThat(client.post("/api/internal/events/project", body).ok().body())
        .containsEntry("projected", 0L)
        .containsEntry("duplicates", 2L);

    assertThat(client.get("/api/executions/" + execution + "/events").at("pagination.total_events"))
        .isEqualTo(events);
    Client.Answer unknown =
        client.post(
            "/api/internal/events/project",
            "{\"events\":[{\"execution_id\":\"%s\",\"event_id\":5}]}".formatted(execution));
    assertThat(unknown.status()).isEqualTo(422);
    assertThat(unknown.text("errors.0.path")).isEqualTo("events[0]");
  }

  @Test
  void makesARowAgainThatDiffersFromItsEvents() {
    String execution = client.execute("wire/instant");
    running.update(
        "update noetl.execution set status = 'RUNNING', ended_at = null, steps_done = 9"
            + " where execution_id = "
            + execution);
    Map<String, Object> body =
        Map.of("projection", "execution", "execution_ids", List.of(execution));

    Client.Answer diagnosis = client.get("/api/executions/" + execution + "/diagnose").ok();
    assertThat(diagnosis.text("broken_invariants.0.message"))
        .contains("status", "steps_done", "ended_at");
    assertThat(diagnosis.at("repairs.1.path")).isEqualTo("/api/internal/projection/rebuild");
    Map<String, Object> look = new java.util.HashMap<>(body);
    look.put("dry_run", true);
    assertThat(client.post("/api/internal/projection/rebuild", look).ok().body())
        .containsEntry("rebuilt", 0L);
    assertThat(client.get("/api/executions/" + execution).text("status")).isEqualTo("RUNNING");

    Client.Answer rebuilt = client.post("/api/internal/projection/rebuild", body).ok();

    assertThat(rebuilt.body())
        .containsEntry("checked", 1L)
        .containsEntry("rebuilt", 1L)
        .containsEntry("failed", List.of());
    assertThat(client.get("/api/executions/" + execution).text("status")).isEqualTo("COMPLETED");
    assertThat(client.post("/api/internal/projection/rebuild", "{}").ok().body())
        .containsEntry("rebuilt", 0L);
    assertThat(client.get("/api/executions/" + execution + "/diagnose").ok().body())
        .containsEntry("waiting_on", List.of())
        .containsEntry("broken_invariants", List.of())
        .containsEntry("repairs", List.of());
  }

  @Test
  void removesWholeExecutionsThatAreOver() {
    String old = client.execute("wire/instant");
    String young = client.execute("wire/instant");
    String unprojected = client.execute("wire/instant");
    List.of(old, young).forEach(UpkeepRoutesIT::project);
    age(old, 31);
    age(young, 29);
    age(unprojected, 31);

    assertThat(purge(30, true).at("executions_purged")).isEqualTo(1L);
    assertThat(client.get("/api/executions/" + old).status()).isEqualTo(200);
    Client.Answer purged = purge(30, false);

    assertThat(purged.at("executions_purged")).isEqualTo(1L);
    assertThat(purged.at("events_purged")).isNotEqualTo(0L);
    assertThat(client.get("/api/executions/" + old).status()).isEqualTo(404);
    assertThat(client.get("/api/executions/" + young).status()).isEqualTo(200);
    assertThat(client.get("/api/executions/" + unprojected).status()).isEqualTo(200);
    assertThat(purge(0, false).at("executions_purged")).isEqualTo(0L);
    age(unprojected, 0);
    repair(young, unprojected);
  }

  @Test
  void neverRemovesAClosedChildOfAnOpenRoot() {
    String root = client.execute("wire/chain");
    String middle = child("wire/instant", root);
    String leaf = child("wire/instant", middle);
    List.of(root, middle, leaf).forEach(UpkeepRoutesIT::project);
    age(middle, 400);
    age(leaf, 400);

    assertThat(purge(365, false).at("executions_purged")).isEqualTo(0L);

    client.post("/api/executions/" + root + "/cancel", "").ok();
    project(root);
    age(root, 400);
    assertThat(purge(365, false).at("executions_purged")).isEqualTo(3L);
  }

  @Test
  void neverRemovesWhatAForkThatRunsComesFrom() {
    String origin = client.execute("wire/chain");
    client.post("/api/executions/" + origin + "/cancel", "").ok();
    String fork = client.post("/api/executions/" + origin + "/retry", "").ok().text("execution_id");
    client.post("/api/executions/" + fork + "/cancel", "").ok();
    String second = client.post("/api/executions/" + fork + "/retry", "").ok().text("execution_id");
    List.of(origin, fork, second).forEach(UpkeepRoutesIT::project);
    age(origin, 400);
    age(fork, 400);

    assertThat(purge(365, false).at("executions_purged")).isEqualTo(0L);

    client.post("/api/executions/" + second + "/cancel", "").ok();
    project(second);
    age(second, 400);
    assertThat(purge(365, false).at("executions_purged")).isEqualTo(3L);
  }

  /** The tests above put ends of executions into the past, which their events do not say. */
  private static void repair(String... executions) {
    client
        .post(
            "/api/internal/projection/rebuild",
            Map.of("projection", "execution", "execution_ids", List.of(executions)))
        .ok();
  }

  private static String child(String path, String parent) {
    return client
        .post("/api/execute", Map.of("path", path, "parent_execution_id", parent))
        .ok()
        .text("execution_id");
  }

  private static Client.Answer purge(int days, boolean onlyLook) {
    return client
        .post(
            "/api/internal/cleanup/purge",
            Map.of("event_retention_days", days, "dry_run", onlyLook))
        .ok();
  }

  @Test
  void forgetsComponentsThatHaveBeenSilent() {
    client.post("/api/worker/pool/register", "{\"name\":\"gone\"}").ok();
    running.update(
        "update noetl.runtime set heartbeat = now() - interval '61 minutes' where name = 'gone'");

    assertThat(client.post("/api/internal/cleanup/purge", "").ok().at("runtime_purged"))
        .isEqualTo(1L);
    assertThat(client.get("/api/worker/pools?name=gone").array()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "cleanup/purge,event_retention_days,-1",
    "cleanup/purge,runtime_stale_minutes,99999999999",
    "projection/rebuild,execution_ids,5",
    "events/project,events,{}"
  })
  void refusesWhatItCannotDo(String route, String member, String value) {
    Client.Answer answer =
        client.post("/api/internal/" + route, "{\"%s\":%s}".formatted(member, value));

    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.text("errors.0.path")).isEqualTo(member);
  }

  @Test
  void keepsBytesUnderAKey() {
    byte[] bytes = {0, 1, 2, (byte) 255};
    String path = "/api/internal/objects/models/a%20b/weights.bin";

    Client.Answer stored = client.send("PUT", path, bytes, "Content-Type", "image/png").ok();
    Client.Answer read = client.get(path).ok();

    assertThat(stored.body())
        .containsEntry("bytes", 4L)
        .containsEntry("key", "models/a b/weights.bin");
    assertThat(read.bytes()).isEqualTo(bytes);
    assertThat(read.header("Content-Type")).isEqualTo("image/png");
    assertThat(read.header("ETag"))
        .isEqualTo("\"" + stored.text("sha256") + "\"")
        .isEqualTo(stored.header("ETag"));
    Client.Answer unchanged = client.get(path, "If-None-Match", read.header("ETag"));
    assertThat(unchanged.status()).isEqualTo(304);
    assertThat(unchanged.bytes()).isEmpty();
    client.send("PUT", path, "new".getBytes(StandardCharsets.UTF_8)).ok();
    assertThat(client.get(path).text()).isEqualTo("new");
    assertThat(client.get("/api/internal/objects/other").status()).isEqualTo(404);
    assertThat(client.send("PUT", "/api/internal/objects/" + "k".repeat(513), bytes).status())
        .isEqualTo(422);
  }

  @Test
  void tellsWhatWaitsForAPool() {
    String execution = client.execute("wire/chain");
    client.command(execution, "start");

    Client.Answer gpu = client.get("/api/internal/scaling/gpu").ok();

    assertThat(gpu.body())
        .containsEntry("pool", "gpu")
        .containsEntry("pending", 0L)
        .containsEntry("in_flight", 0L)
        .containsKey("oldest_pending_seconds");
    assertThat(client.get("/api/internal/scaling/moon").status()).isEqualTo(404);
  }

  @Test
  void tellsHowFullItsConnectionsAre() {
    assertThat(client.get("/api/pool/status").ok().body())
        .containsEntry("status", "ok")
        .containsKeys(
            "pool_min",
            "pool_max",
            "pool_size",
            "pool_available",
            "requests_waiting",
            "utilization",
            "slots_available");
  }
}
