package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.cli.CliRun;
import io.noetl.testing.Databases;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DeadLetterRoutesIT {
  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN, Playbooks.INSTANT);
    client = running.client();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  /** An execution that failed because nobody did its first command. */
  private static String dead(String command) {
    running.update(
        "update noetl.command set status = 'DEAD', reason = 'attempts used up', due_at = 'infinity'"
            + " where command_id = "
            + command);
    return command;
  }

  @Test
  void startsTheExecutionOfADeadCommandOnceMore() {
    String execution =
        client
            .post("/api/execute", Map.of("path", "wire/chain", "payload", Map.of("n", 7)))
            .ok()
            .text("execution_id");
    String command = dead(client.command(execution, "start"));
    assertThat(client.post("/api/commands/" + command + "/retry", "").body())
        .containsEntry("code", "conflict");
    client.post("/api/executions/" + execution + "/finalize", "{\"status\":\"failed\"}").ok();
    running.update(
        """
        insert into noetl.command (command_id, execution_id, tenant_id, step, visit, tool_kind, pool,
          status, attempt, max_attempts, due_at, reason, context, created_at)
        values (%s, %s, 'default', 'start', 1, 'python', 'shared', 'DEAD', 3, 3, 'infinity',
          'attempts used up', '{}', now()) on conflict do nothing
        """
            .formatted(command, execution));
    assertThat(client.get("/api/commands?dead=true&execution_id=" + execution).at("items.0.reason"))
        .isEqualTo("attempts used up");

    Client.Answer retried = client.post("/api/commands/" + command + "/retry", "").ok();

    assertThat(retried.text("retry_of")).isEqualTo(execution);
    Client.Answer again = client.get("/api/executions/" + retried.text("execution_id")).ok();
    assertThat(again.text("path")).isEqualTo("wire/chain");
    assertThat(again.map("workload")).containsEntry("n", 7L);
    assertThat(client.get("/api/commands?dead=true&execution_id=" + execution).at("items"))
        .isEqualTo(List.of());
    assertThat(client.post("/api/commands/" + command + "/retry", "").status()).isEqualTo(404);
  }

  @Test
  void refusesToRetryWhatIsNotDead() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");

    assertThat(client.post("/api/commands/" + command + "/retry", "").body())
        .containsEntry("status", 409L)
        .containsEntry("error", "command " + command + " is not dead: it is PENDING");
    assertThat(client.post("/api/commands/5/retry", "").status()).isEqualTo(404);
  }

  @Test
  void keepsMessagesThatNobodyCanHandleUntilOneCallRetriesThem() throws Exception {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    running.update(
        "update noetl.command set due_at = now() + interval '1 hour' where command_id = "
            + command);
    client
        .post(
            "/api/dead-messages",
            Map.of(
                "subject",
                "noetl.commands.shared.5",
                "body",
                "{\"password\": \"hunter2hunter2\"}",
                "reason",
                "no command of that id is known",
                "worker_id",
                "w1",
                "command_id",
                command))
        .ok();

    Client.Answer dead = client.get("/api/commands?dead=true").ok();
    assertThat(dead.text("messages.0.reason")).isEqualTo("no command of that id is known");
    assertThat(dead.text("messages.0.reporter")).isEqualTo("w1");
    assertThat(client.get("/api/commands?dead=false").ok().body()).doesNotContainKey("messages");
    String id = client.get("/api/dead-messages").ok().text("items.0.message_id");

    client.post("/api/dead-messages/" + id + "/retry", "").ok();

    assertThat(
            Databases.count(
                running.database().config(),
                "select count(*) from noetl.command where due_at <= now() and command_id = "
                    + command))
        .isEqualTo(1);
    assertThat(client.post("/api/dead-messages/" + id + "/retry", "").status()).isEqualTo(404);
    assertThat(client.post("/api/dead-messages", "{\"reason\":\"x\"}").status()).isEqualTo(422);
  }

  @Test
  void theCommandLineListsShowsRetriesAndDropsThem() {
    String command = dead(client.command(client.execute("wire/chain"), "start"));
    String other = dead(client.command(client.execute("wire/chain"), "start"));
    for (String subject : List.of("noetl.commands.shared.8", "noetl.commands.shared.9")) {
      client
          .post(
              "/api/dead-messages",
              Map.of("subject", subject, "reason", "nobody knows it", "worker_id", "w1"))
          .ok();
    }
    List<?> messages = (List<?>) client.get("/api/dead-messages").ok().body().get("items");
    String second = "m" + ((Map<?, ?>) messages.get(0)).get("message_id");
    String first = "m" + ((Map<?, ?>) messages.get(1)).get("message_id");

    assertThat(line("list").out())
        .contains(command, "attempts used up")
        .containsPattern(first + " +noetl.commands.shared.8 at .*: nobody knows it");
    assertThat(line("list", "-o", "json").out()).contains("\"messages\":[{");
    assertThat(line("show", first).out()).contains("noetl.commands.shared.8");
    assertThat(line("show", command).out()).contains("\"visit\":1");
    assertThat(line("show", "m99999").err()).contains("Expected message m99999 among the newest");

    assertThat(line("retry", command, first))
        .satisfies(
            run -> {
              assertThat(run.exit()).as("one of two").isEqualTo(1);
              assertThat(run.err()).contains("command " + command + ": execution ");
              assertThat(run.out()).isEqualTo("message " + first + " retried\n");
            });
    assertThat(line("drop", command, second).out())
        .isEqualTo("command " + command + " dropped\nmessage " + second + " dropped\n");
    assertThat(client.delete("/api/commands/" + command).status()).isEqualTo(404);
    assertThat(line("drop", "--all").exit()).isZero();
    assertThat(line("list").out()).isEqualTo("0 dead commands, 0 dead messages\n");
    assertThat(client.delete("/api/commands/" + other).status()).isEqualTo(404);
  }

  @Test
  void theCommandLineRefusesWhatIsNoDeadLetter() {
    assertThat(line("show", "x1").err()).contains("or of a dead message, such as m12, but got x1");
    assertThat(line("drop").err()).contains("Expected ids of dead letters or --all, but got none");
    assertThat(line("drop", "--all", "m1").exit()).isEqualTo(2);
    String running = client.command(client.execute("wire/chain"), "start");
    assertThat(line("show", running).err()).contains("Expected a dead command, but command");
    assertThat(client.delete("/api/commands/" + running).body())
        .containsEntry("error", "command " + running + " is not dead: it is PENDING");
    assertThat(client.delete("/api/dead-messages/424242").status()).isEqualTo(404);
  }

  private static CliRun line(String... arguments) {
    List<String> all = new ArrayList<>(List.of("dead"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--server", client.url()));
    return CliRun.of(all);
  }

  @Test
  void namesThePublisherThatIsActive() throws Exception {
    String path = "/api/internal/outbox/pending-count";
    assertThat(client.get(path).ok().body()).doesNotContainKey("publisher");
    var config = running.database().config();
    try (Connection connection =
            DriverManager.getConnection(
                config.jdbcUrl() + "?ApplicationName=noetl-publisher",
                config.user(),
                config.password().reveal());
        Statement statement = connection.createStatement()) {
      statement.execute("select pg_advisory_lock(" + io.noetl.query.Outbox.PUBLISHER_LOCK + ")");

      assertThat(client.get(path).ok().text("publisher.process")).isEqualTo("noetl-publisher");
    }
  }

  @Test
  void setsAndForgetsRulesOfRetention() {
    String path = "/api/internal/retention";
    client.post(path, "{\"path\":\"logs/\",\"keep_days\":7}").ok();
    client.post(path, "{\"path\":\"logs/\",\"keep_days\":8}").ok();

    assertThat(client.get(path).ok().map("rules.0"))
        .containsEntry("path", "logs/")
        .containsEntry("keep_days", 8L)
        .containsKeys("set_by", "updated_at");
    assertThat(client.delete(path + "?path=logs/").ok().text("status")).isEqualTo("removed");
    assertThat(client.delete(path + "?path=logs/").ok().text("status")).isEqualTo("unknown");
    client.post(path, "{\"path\":\"\",\"keep_days\":9,\"tenant_id\":\"acme\"}").ok();
    assertThat(client.get(path).ok().at("rules")).isEqualTo(List.of());
    assertThat(client.get(path + "?tenant_id=acme").ok().at("rules.0.keep_days")).isEqualTo(9L);
    assertThat(client.post(path, "{\"path\":\"logs/\"}").status()).isEqualTo(422);
    assertThat(client.post(path, "{\"keep_days\":-1}").status()).isEqualTo(422);
    assertThat(client.post(path, "{\"keep_days\":36501}").status()).isEqualTo(422);
  }
}
