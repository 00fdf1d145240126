package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.command.LeaseSweeper;
import io.noetl.postgres.Database.Pool;
import io.noetl.support.Progress;
import io.noetl.testing.Invariants;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pausing over HTTP, on a real database, by two servers. */
class PauseRoutesIT {
  private static RunningServer running;
  private static ServerParts other;
  private static Client client;
  private static Client second;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN, Playbooks.INSTANT);
    client = running.client();
    other = new ServerParts(running.database(), 2);
    second = other.client();
  }

  @AfterAll
  static void stop() {
    Invariants.check(running.database().config());
    other.close();
    running.close();
  }

  private static Client.Answer pause(Client at, String execution) {
    return at.post("/api/executions/" + execution + "/pause", "");
  }

  private static Client.Answer resume(Client at, String execution) {
    return at.post("/api/executions/" + execution + "/resume", "{\"reason\":\"morning\"}");
  }

  private static String status(String execution) {
    return client.get("/api/executions/" + execution).ok().text("status");
  }

  private static String commandStatus(String command) {
    return client.get("/api/commands/" + command).ok().text("status");
  }

  @Test
  void noCommandOfAPausedExecutionIsGivenToAWorkerUntilItIsResumed() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");

    assertThat(pause(client, execution).ok().body()).containsEntry("status", "paused");

    assertThat(status(execution)).isEqualTo("PAUSED");
    assertThat(commandStatus(command)).isEqualTo("PAUSED");
    Client.Answer refused = second.claim(command, "w1");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.body()).containsEntry("code", "execution_paused");

    assertThat(resume(second, execution).ok().body()).containsEntry("status", "resumed");
    assertThat(commandStatus(command)).isEqualTo("PENDING");
    assertThat(due(command)).as("a hint is published again at once").isTrue();
    client.claim(command, "w1").ok();
    client.report(execution, command, 1, "1").ok();
    assertThat(client.command(execution, "second")).isNotNull();
  }

  private static boolean due(String command) {
    return running
        .database()
        .autocommit(
            Pool.BACKGROUND,
            connection -> {
              try (var statement = connection.createStatement();
                  var rows =
                      statement.executeQuery(
                          "select due_at <= now() from noetl.command where command_id = "
                              + command)) {
                return rows.next() && rows.getBoolean(1);
              }
            });
  }

  @Test
  void aWorkerMayReportWhatItRunsAndTheNextStepWaitsForTheResume() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    pause(second, execution).ok();

    client.report(execution, command, 1, "1").ok();

    assertThat(client.get("/api/commands?execution_id=" + execution).at("count")).isEqualTo(0L);
    assertThat(client.get("/api/executions/" + execution + "/diagnose").ok().body())
        .extracting("waiting_on")
        .asString()
        .contains("kind=pause", "since=");
    assertThat(resume(client, execution).ok().body()).containsEntry("commands_generated", 1L);
    assertThat(client.command(execution, "second")).isNotNull();
  }

  @Test
  void twiceIsOnceAtAnyServer() {
    String execution = client.execute("wire/chain");

    pause(client, execution).ok();
    assertThat(pause(second, execution).ok().body()).containsEntry("status", "already_paused");
    resume(second, execution).ok();
    // The first server still has the paused state in its cache.
    assertThat(resume(client, execution).ok().body()).containsEntry("status", "already_running");
    assertThat(pause(client, execution).ok().body()).containsEntry("status", "paused");
    resume(second, execution).ok();
    assertThat(pause(client, execution).ok().body()).containsEntry("status", "paused");
    assertThat(client.get("/api/executions/" + execution + "/events").ok().text())
        .contains("execution.paused", "execution.resumed");
  }

  @Test
  void aPausedExecutionCanBeCancelled() {
    String execution = client.execute("wire/chain");
    pause(client, execution).ok();

    assertThat(client.post("/api/executions/" + execution + "/cancel", "").ok().body())
        .containsEntry("status", "cancelled");

    assertThat(status(execution)).isEqualTo("CANCELLED");
    assertThat(pause(client, execution).body()).containsEntry("code", "already_terminal");
    assertThat(resume(client, execution).body()).containsEntry("code", "already_terminal");
  }

  @Test
  void aLeaseThatRunsOutDuringAPauseIsOfferedAfterIt() throws Exception {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    pause(client, execution).ok();
    running.update(
        "update noetl.command set lease_until = now() - interval '1 s', due_at = now() where"
            + " command_id = "
            + command);

    try (LeaseSweeper sweeper =
        new LeaseSweeper(
            running.server().commands,
            running.server().intents,
            Duration.ofMillis(20),
            new Progress(System::nanoTime).loop("sweep", Duration.ofSeconds(5)))) {
      sweeper.start();
      io.noetl.testing.Waiting.until(
          Duration.ofSeconds(10),
          () -> "the command is " + commandStatus(command),
          () -> commandStatus(command).equals("PAUSED"));
    }
    resume(client, execution).ok();
    assertThat(commandStatus(command)).isEqualTo("PENDING");
    assertThat(client.claim(command, "w2").ok().at("attempt")).isEqualTo(2L);
  }

  @Test
  void refusesWhatIsNotThere() {
    assertThat(pause(client, "77").status()).isEqualTo(404);
    assertThat(resume(client, "77").status()).isEqualTo(404);
    assertThat(pause(client, client.execute("wire/instant")).status()).isEqualTo(409);
  }
}
