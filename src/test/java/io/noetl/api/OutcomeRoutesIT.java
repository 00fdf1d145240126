package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestPostgres;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a task inside a sequence hears of the execution that it has started. */
class OutcomeRoutesIT {
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
    Invariants.check(database.config());
    server.close();
    database.close();
  }

  private static Client.Answer outcome(String execution, String query) {
    return client.get("/api/executions/" + execution + "/outcome?" + query);
  }

  @Test
  void hasTheOutcomeOfAnExecutionThatHasEnded() {
    String execution = client.execute("wire/instant");

    assertThat(outcome(execution, "until=result").ok().body())
        .containsEntry("status", "COMPLETED")
        .containsEntry(
            "outcome", Map.of("status", "success", "data", Map.of("greeting", "hello ")));
    assertThat((Map<?, ?>) outcome(execution, "until=step&step=start").ok().at("outcome.data"))
        .extracting("greeting", "execution_id")
        .containsExactly("hello ", execution);
  }

  @Test
  void hasNoOutcomeOfOneThatRunsUnlessOnlyItsStartIsWanted() {
    String execution = client.execute("wire/chain");

    assertThat(outcome(execution, "until=result&wait_ms=50").ok().body())
        .containsEntry("status", "RUNNING")
        .doesNotContainKey("outcome");
    assertThat((Map<?, ?>) outcome(execution, "until=started").ok().at("outcome.data"))
        .extracting("status", "path", "async")
        .containsExactly("started", "wire/chain", true);
  }

  @Test
  void waitsForTheEnd() throws Exception {
    String execution = client.execute("wire/chain");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Client.Answer> answer =
          threads.submit(() -> outcome(execution, "until=step&step=end&wait_ms=20000"));

      client.post("/api/executions/" + execution + "/cancel", "{\"reason\":\"enough\"}").ok();

      assertThat((Map<?, ?>) answer.get().ok().at("outcome.data"))
          .extracting("status", "error")
          .containsExactly("CANCELLED", "enough");
    }
  }

  @Test
  void refusesWhatItDoesNotUnderstand() {
    String execution = client.execute("wire/instant");

    assertThat(outcome(execution, "until=step").status()).isEqualTo(400);
    assertThat(outcome(execution, "until=never").status()).isEqualTo(400);
    assertThat(outcome(execution, "").status()).isEqualTo(400);
    assertThat(outcome("77", "until=result").status()).isEqualTo(404);
  }

  @Test
  void nestsExecutionsOnlySoDeep() {
    String parent = client.execute("wire/chain");
    for (int depth = 1; depth <= 16; depth++) {
      parent =
          client
              .post("/api/execute", Map.of("path", "wire/chain", "parent_execution_id", parent))
              .ok()
              .text("execution_id");
    }

    Client.Answer refused =
        client.post("/api/execute", Map.of("path", "wire/chain", "parent_execution_id", parent));

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text("error")).contains("playbook.max-child-depth");
  }
}
