package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RuntimeRoutesIT {
  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN);
    client = running.client();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void registersAWorkerOfTheOlderProtocol() {
    Client.Answer first =
        client.postFile("/api/worker/pool/register", "old_worker_register.json", Map.of());
    Client.Answer again =
        client.postFile("/api/worker/pool/register", "old_worker_register.json", Map.of());

    assertThat(first.ok().body())
        .containsEntry("name", "old-worker-1")
        .containsEntry("kind", "worker_pool")
        .containsEntry("status", "ready")
        .containsEntry("labels", Map.of("zone", "a"))
        .containsEntry("capacity", 4L)
        .containsEntry("pid", 4711L)
        .containsEntry("lease_seconds", 30L)
        .containsEntry("heartbeat_seconds", 15L)
        .containsKeys("runtime_id", "heartbeat", "created_at");
    assertThat(again.ok().text("runtime_id")).isEqualTo(first.text("runtime_id"));
    assertThat(client.get("/api/worker/pools?name=old-worker-1").array()).hasSize(1);
  }

  @Test
  void refusesAPoolThatNobodySendsTo() {
    Client.Answer answer =
        client.post("/api/worker/pool/register", "{\"name\":\"w\",\"pool\":\"moon\"}");

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.text("error")).contains("gpu, shared, system").contains("moon");
    assertThat(client.post("/api/worker/pool/register", "{\"pool\":\"shared\"}").status())
        .isEqualTo(422);
  }

  @Test
  void registersAgainWithTheHeartbeatOfAnUnknownWorker() {
    String beat = "{\"name\":\"w7\",\"registration\":{\"name\":\"w7\",\"pool\":\"gpu\"}}";

    assertThat(client.post("/api/worker/pool/heartbeat", "{\"name\":\"w7\"}").ok().body())
        .containsEntry("status", "unknown");
    assertThat(client.post("/api/worker/pool/heartbeat", beat).ok().body())
        .containsEntry("status", "ok");
    assertThat(client.get("/api/worker/pools?name=w7").text("0.pool")).isEqualTo("gpu");
    assertThat(client.post("/api/worker/pool/heartbeat", "{\"name\":\"w7\"}").ok().body())
        .containsEntry("status", "ok");
  }

  @Test
  void showsASilentWorkerAsOffline() throws Exception {
    client.post("/api/worker/pool/register", "{\"name\":\"silent\"}").ok();
    silence(44);
    assertThat(client.get("/api/worker/pools?name=silent").text("0.status")).isEqualTo("ready");

    silence(46);

    assertThat(client.get("/api/worker/pools?name=silent").text("0.status")).isEqualTo("offline");
    assertThat(client.get("/api/worker/pools?name=silent&status=ready").array()).isEmpty();
  }

  private static void silence(int seconds) {
    running
        .database()
        .autocommit(
            Database.Pool.READ,
            connection -> {
              try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(
                    "update noetl.runtime set heartbeat = now() - interval '"
                        + seconds
                        + " seconds' where name = 'silent'");
              }
            });
  }

  @Test
  void offersTheCommandsOfAWorkerThatLeaves() {
    client.post("/api/worker/pool/register", "{\"name\":\"leaver\"}").ok();
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "leaver").ok();

    Client.Answer bye = client.post("/api/worker/pool/deregister", "{\"name\":\"leaver\"}").ok();

    assertThat(bye.body()).containsEntry("status", "ok");
    assertThat(bye.text("message")).contains("1 commands");
    assertThat(client.get("/api/commands/" + command).text("status")).isEqualTo("PENDING");
    assertThat(client.get("/api/worker/pools?name=leaver").array()).isEmpty();
  }

  @Test
  void listsComponentsByPage() {
    for (String name : java.util.List.of("page-a", "page-b", "page-c")) {
      client.post("/api/worker/pool/register", Map.of("name", name, "kind", "paged")).ok();
    }
    String list = "/api/worker/pools?kind=paged&limit=2";

    Client.Answer first = client.get(list).ok();
    Client.Answer second = client.get(list + "&cursor=" + first.header("X-Next-Cursor")).ok();

    assertThat(first.array()).hasSize(2);
    assertThat(second.text("0.name")).isEqualTo("page-c");
    assertThat(second.header("X-Next-Cursor")).isEmpty();
  }

  @Test
  void countsWhatThereIs() {
    Client.Answer stats = client.get("/api/dashboard/stats").ok();

    assertThat(stats.map("stats"))
        .containsKeys(
            "total_executions",
            "successful_executions",
            "failed_executions",
            "cancelled_executions",
            "running_executions",
            "total_playbooks",
            "total_workers");
    assertThat(stats.at("stats.total_playbooks")).isEqualTo(1L);
  }
}
