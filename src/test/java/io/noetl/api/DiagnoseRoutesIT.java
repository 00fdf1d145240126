package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import io.noetl.testing.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiagnoseRoutesIT {
  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running =
        RunningServer.start(
            Playbooks.CHAIN,
            Playbooks.INSTANT,
            Playbooks.CHAIN.replace("wire/chain", "wire/awaited"));
    client = running.client();
  }

  @AfterAll
  static void stop() {
    Invariants.check(running.database().config());
    running.close();
  }

  private static Client.Answer diagnosis(String execution) {
    return client.get("/api/executions/" + execution + "/diagnose").ok();
  }

  @Test
  void saysWhatItWaitsForAndSinceWhen() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");

    assertThat(diagnosis(execution).map("waiting_on.0"))
        .containsEntry("kind", "command")
        .containsEntry("command_id", command)
        .containsEntry("step", "start")
        .containsEntry("pool", "shared")
        .containsKey("since");
    client.claim(command, "w1").ok();
    String child =
        client
            .post("/api/execute", Map.of("path", "wire/chain", "parent_execution_id", execution))
            .ok()
            .text("execution_id");

    Client.Answer held = diagnosis(execution);
    assertThat(held.map("waiting_on.0"))
        .containsEntry("kind", "lease")
        .containsEntry("worker_id", "w1")
        .containsEntry("attempt", 1L)
        .containsEntry("overdue", false)
        .containsKey("lease_until");
    assertThat(held.map("waiting_on.1"))
        .containsEntry("kind", "child")
        .containsEntry("execution_id", child)
        .containsEntry("path", "wire/chain");
    assertThat(held.body())
        .containsEntry("status", "RUNNING")
        .containsEntry("broken_invariants", List.of())
        .containsEntry("repairs", List.of());
  }

  @Test
  void findsAnExecutionThatWaitsForNothing() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    running.update("delete from noetl.command where command_id = " + command);

    Client.Answer stuck = diagnosis(execution);

    assertThat(stuck.text("broken_invariants.0.invariant")).isEqualTo("I7");
    assertThat(stuck.text("repairs.0.path")).isEqualTo("/api/executions/" + execution + "/repair");
    assertThat(stuck.text("repairs.1.path"))
        .isEqualTo("/api/executions/" + execution + "/finalize");

    Client.Answer repaired = client.post(stuck.text("repairs.0.path"), "").ok();

    assertThat(repaired.text("repaired.0.rule")).isEqualTo("command-missing");
    assertThat(repaired.text("repaired.0.id")).isEqualTo(command);
    assertThat(repaired.at("broken_invariants")).isEqualTo(List.of());
    client.claim(command, "w1").ok();
    client.post(stuck.text("repairs.1.path"), "{\"status\":\"failed\"}").ok();
    assertThat(diagnosis(execution).at("broken_invariants")).isEqualTo(List.of());
  }

  @Test
  void cancelsWhatHasRunForTooLongAndAllBelowIt() {
    String old = client.execute("wire/chain");
    String child =
        client
            .post("/api/execute", Map.of("path", "wire/chain", "parent_execution_id", old))
            .ok()
            .text("execution_id");
    String young = client.execute("wire/chain");
    running.update(
        "update noetl.execution set started_at = now() - interval '11 minutes'"
            + " where execution_id = "
            + old);

    Client.Answer look =
        client.post("/api/executions/cleanup", "{\"older_than_minutes\":10,\"dry_run\":true}").ok();
    assertThat(look.body())
        .containsEntry("cancelled_count", 0L)
        .containsEntry("execution_ids", List.of(old, child));
    assertThat(client.get("/api/executions/" + old).text("status")).isEqualTo("RUNNING");
    assertThat(
            client.post("/api/executions/cleanup", "{\"older_than_minutes\":\"10\"}").ok().body())
        .containsKey("message")
        .containsEntry("execution_ids", List.of(old, child));

    assertThat(client.get("/api/executions/" + child).text("status")).isEqualTo("CANCELLED");
    assertThat(client.get("/api/executions/" + young).text("status")).isEqualTo("RUNNING");
    assertThat(client.get("/api/executions/" + old).text("error")).contains("10 minutes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"older_than_minutes\":0}",
        "{\"older_than_minutes\":\"soon\"}",
        "{\"older_than_minutes\":99999999999999}",
        "{\"older_than_minutes\":5,\"dry_run\":\"yes\"}"
      })
  void cancelsNothingWithoutAClearWish(String body) {
    assertThat(client.post("/api/executions/cleanup", body).status()).isEqualTo(422);
  }

  @Test
  void holdsTheReplyToAStartUntilItsExecutionHasEnded() {
    Client.Answer instant =
        client.post("/api/execute?wait=10s", "{\"path\":\"wire/instant\"}").ok();
    assertThat(instant.body()).containsEntry("status", "started").containsEntry("finished", true);
    assertThat(instant.text("execution.status")).isEqualTo("COMPLETED");

    Client.Answer unfinished =
        client.post("/api/execute?wait=50ms", "{\"path\":\"wire/chain\"}").ok();
    assertThat(unfinished.body()).containsEntry("finished", false);
    assertThat(unfinished.text("execution.status")).isEqualTo("RUNNING");
    assertThat(
            client
                .post(
                    "/api/execute",
                    "{\"path\":\"wire/instant\"}",
                    "Prefer",
                    "respond-async, wait=10")
                .ok()
                .body())
        .containsEntry("finished", true);
    assertThat(client.post("/api/execute?wait=long", "{\"path\":\"wire/chain\"}").status())
        .isEqualTo(400);
  }

  @Test
  void wakesAHeldReplyWithTheEnd() throws Exception {
    FutureTask<Client.Answer> reply =
        new FutureTask<>(() -> client.post("/api/execute?wait=30s", "{\"path\":\"wire/awaited\"}"));
    Thread.ofVirtual().start(reply);
    String mine = "/api/executions?path=wire/awaited";
    Waiting.until(
        Duration.ofSeconds(10),
        () -> "it was not started",
        () -> !client.get(mine).ok().array().isEmpty());
    String execution = client.get(mine).text("0.execution_id");

    client.post("/api/executions/" + execution + "/cancel", "").ok();

    assertThat(reply.get(10, TimeUnit.SECONDS).ok().body())
        .containsEntry("finished", true)
        .containsEntry("execution_id", execution);
  }
}
