package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CommandRoutesIT {
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

  private static String claimed(String execution, String worker) {
    String command = client.command(execution, "start");
    client.claim(command, worker).ok();
    return command;
  }

  @Test
  void saysWhyACommandCannotBeClaimed() {
    String execution = client.execute("wire/chain");
    String command = claimed(execution, "w1");
    client.report(execution, command, 1, "1").ok();
    assertThat(client.claim(command, "w1").body()).containsEntry("code", "already_terminal");

    String cancelled = client.execute("wire/chain");
    String open = client.command(cancelled, "start");
    client.post("/api/executions/" + cancelled + "/cancel", "").ok();
    assertThat(client.claim(open, "w1").body()).containsEntry("code", "execution_cancelled");
    assertThat(client.claim("77", "w1").status()).isEqualTo(404);
    assertThat(client.post("/api/commands/77/claim", "{}").status()).isEqualTo(422);
    // An event, but not one that issued a command.
    String first = client.get("/api/executions/" + execution + "/events").text("events.0.event_id");
    assertThat(client.claim(first, "w1").status()).isEqualTo(404);
  }

  @Test
  void aWorkerThatNamesTheExecutionLearnsFromItsRowThatTheCommandEnded() {
    String execution = client.execute("wire/chain");
    String command = claimed(execution, "w1");
    client.report(execution, command, 1, "1").ok();
    String claim = "{\"worker_id\":\"w2\",\"execution_id\":\"%s\"}";

    Client.Answer late =
        client.post("/api/commands/" + command + "/claim", claim.formatted(execution));
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.body()).containsEntry("code", "already_terminal");
    assertThat(client.post("/api/commands/" + command + "/claim", claim.formatted("77")).status())
        .isEqualTo(404);
    client.post("/api/executions/" + execution + "/cancel", "").ok();
    assertThat(
            client.post("/api/commands/" + command + "/claim", claim.formatted(execution)).body())
        .containsEntry("code", "execution_cancelled");
  }

  @Test
  void saysUntilWhenAnotherHoldsTheCommand() {
    String command = claimed(client.execute("wire/chain"), "w1");

    Client.Answer answer = client.claim(command, "w2");

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.body())
        .containsEntry("code", "lease_active")
        .containsEntry("claimed_by", "w1")
        .containsKeys("lease_until", "retry_after_seconds");
    assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, 31);
  }

  @Test
  void whoeverClaimsACommandWhoseLeaseRanOutGetsItAndTheLogTellsOfBoth() throws Exception {
    String execution = client.execute("wire/chain");
    String command = claimed(execution, "w1");
    running.update(
        "update noetl.command set lease_until = now() - interval '1 s', due_at = now() + interval"
            + " '1 h' where command_id = "
            + command);

    assertThat(client.claim(command, "w2").ok().body())
        .containsEntry("attempt", 2L)
        .containsEntry("fence", 2L);

    Client.Answer events = client.get("/api/executions/" + execution + "/events").ok();
    assertThat(events.text("events.2.event_type")).isEqualTo("command.expired");
    assertThat(client.report(execution, command, 1, "1").body())
        .containsEntry("code", "stale_fence");
  }

  @Test
  void keepsLeasesAndTellsWhatToStop() {
    String execution = client.execute("wire/chain");
    String kept = claimed(execution, "w1");
    String other = client.execute("wire/chain");
    String cancelled = claimed(other, "w1");
    client.post("/api/executions/" + other + "/cancel", "").ok();

    Client.Answer beat =
        client
            .post(
                "/api/commands/heartbeat",
                """
                {"worker_id":"w1","commands":[{"command_id":"%s","fence":1},
                 {"event_id":"%s","fence":1},{"command_id":%s,"fence":9}]}
                """
                    .formatted(kept, cancelled, kept))
            .ok();

    assertThat(beat.text("commands.1.status")).isEqualTo("terminal");
    assertThat(beat.at("commands.1.cancel")).isEqualTo(true);
    Client.Answer alone =
        client.post("/api/commands/" + kept + "/heartbeat", "{\"worker_id\":\"w1\",\"fence\":1}");
    assertThat(alone.ok().body())
        .containsEntry("status", "ok")
        .containsEntry("cancel", false)
        .containsKey("lease_until");
    Client.Answer stale =
        client.post("/api/commands/" + kept + "/heartbeat", "{\"worker_id\":\"w2\",\"fence\":1}");
    assertThat(stale.ok().body())
        .containsEntry("status", "stale_fence")
        .containsEntry("cancel", true);
  }

  @Test
  void givesACommandBackWithoutCountingTheAttempt() {
    String command = claimed(client.execute("wire/chain"), "w1");
    String body = "{\"worker_id\":\"w1\",\"fence\":1,\"reason\":\"no room\"}";

    client.post("/api/commands/" + command + "/release", body).ok();

    assertThat(client.get("/api/commands/" + command).ok().body())
        .containsEntry("status", "PENDING")
        .containsEntry("attempt", 0L)
        .containsKey("context");
    assertThat(client.post("/api/commands/" + command + "/release", body).body())
        .containsEntry("code", "stale_fence");
    assertThat(client.claim(command, "w2").ok().body())
        .containsEntry("attempt", 1L)
        .containsEntry("fence", 2L);
  }

  @Test
  void showsACommandAlsoAfterItsEnd() {
    String execution = client.execute("wire/chain");
    String command = claimed(execution, "w1");
    client.report(execution, command, 1, "1").ok();

    assertThat(client.get("/api/commands/" + command).ok().body())
        .containsEntry("status", "COMPLETED")
        .containsEntry("execution_id", execution)
        .containsEntry("node_name", "start")
        .containsEntry("action", "python");
  }

  @Test
  void listsOpenAndDeadCommands() throws Exception {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    String mine = "/api/commands?execution_id=" + execution;
    assertThat(client.get(mine + "&status=pending&pool=shared").at("count")).isEqualTo(1L);
    assertThat(client.get(mine + "&status=claimed").at("count")).isEqualTo(0L);
    assertThat(client.get(mine + "&dead=true").at("items")).isEqualTo(List.of());

    running
        .database()
        .autocommit(
            Database.Pool.READ,
            connection -> {
              try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(
                    "update noetl.command set status = 'DEAD', reason = 'attempts used up'"
                        + " where command_id = "
                        + command);
              }
            });

    Client.Answer dead = client.get(mine + "&dead=true").ok();
    assertThat(dead.at("items.0.dead")).isEqualTo(true);
    assertThat(dead.text("items.0.status")).isEqualTo("FAILED");
    assertThat(dead.text("items.0.reason")).isEqualTo("attempts used up");
    assertThat(client.get(mine + "&dead=false").at("count")).isEqualTo(0L);
    assertThat(client.claim(command, "w1").body()).containsEntry("code", "already_terminal");
  }
}
