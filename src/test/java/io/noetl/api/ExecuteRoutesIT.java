package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import io.noetl.postgres.Database;
import io.noetl.testing.Invariants;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ExecuteRoutesIT {
  private static RunningServer running;
  private static Client client;
  private static String catalogId;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN);
    client = running.client();
    catalogId =
        client
            .post("/api/catalog/register", Map.of("content", Playbooks.INSTANT))
            .ok()
            .text("catalog_id");
  }

  @AfterAll
  static void stop() {
    Invariants.check(running.database().config());
    running.close();
  }

  @Test
  @Rule("2.2")
  void startsByPathAndById() {
    Client.Answer byPath = client.postFile("/api/execute", "execute_path.json", Map.of());
    Client.Answer byText =
        client.postFile(
            "/api/execute", "execute_catalog_id_text.json", Map.of("catalog_id", catalogId));
    Client.Answer byNumber =
        client.postFile(
            "/api/execute", "execute_catalog_id_number.json", Map.of("catalog_id", catalogId));

    assertThat(byPath.ok().at("execution_id")).isInstanceOf(String.class);
    assertThat(result(byText.ok().text("execution_id"))).isEqualTo(Map.of("greeting", "hello Ada"));
    String both = byNumber.ok().text("execution_id");
    assertThat(result(both)).isEqualTo(Map.of("greeting", "hello Ada"));
    assertThat(client.get("/api/executions/" + both).at("workload"))
        .isEqualTo(Map.of("name", "Ada", "extra", 1L));
  }

  private static Object result(String execution) {
    return client.get("/api/executions/" + execution).ok().at("result");
  }

  @Test
  @Rule("18.2")
  void refusesWhatCannotBeStarted() {
    assertThat(client.post("/api/execute", "{}").status()).isEqualTo(400);
    assertThat(client.post("/api/execute", "{\"path\":\"no/such\"}").status()).isEqualTo(404);
    assertThat(client.post("/api/execute", "{\"catalog_id\":1}").status()).isEqualTo(404);
    assertThat(client.post("/api/execute", "{\"catalog_id\":1.5}").body())
        .containsEntry("code", "bad_id");
    assertThat(client.post("/api/execute", "{\"path\":\"wire/chain\",\"payload\":[1]}").status())
        .isEqualTo(422);
    Client.Answer pool =
        client.post("/api/execute", "{\"path\":\"wire/chain\",\"execution_pool\":\"moon\"}");
    assertThat(pool.status()).isEqualTo(422);
    assertThat(pool.text("error")).contains("gpu, shared, system").contains("moon");
    assertThat(
            client
                .post("/api/execute", "{\"path\":\"wire/chain\",\"parent_execution_id\":\"7\"}")
                .status())
        .isEqualTo(404);
  }

  @Test
  void answersARepeatedStartWithTheFirstExecution() {
    String body = "{\"path\":\"wire/chain\",\"payload\":{\"n\":1}}";

    Client.Answer first = client.post("/api/execute", body, "Idempotency-Key", "key-1").ok();
    Client.Answer again = client.post("/api/execute", body, "Idempotency-Key", "key-1").ok();
    Client.Answer other =
        client.post("/api/execute", "{\"path\":\"wire/chain\"}", "Idempotency-Key", "key-1");

    assertThat(again.body())
        .containsEntry("status", "duplicate")
        .containsEntry("execution_id", first.text("execution_id"));
    assertThat(other.status()).isEqualTo(422);
  }

  @Test
  void startsOnceForManyRequestsWithOneKey() throws Exception {
    String body = "{\"path\":\"wire/chain\",\"dedup\":{\"key\":\"raced\"}}";
    Set<String> executions = new HashSet<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Client.Answer>> answers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        answers.add(executor.submit(() -> client.post("/api/execute", body)));
      }
      for (Future<Client.Answer> answer : answers) {
        executions.add(answer.get().ok().text("execution_id"));
      }
    }

    assertThat(executions).hasSize(1);
  }

  @Test
  void startsAgainWhenTheWindowIsOver() throws Exception {
    String body = "{\"path\":\"wire/chain\",\"dedup\":{\"key\":\"late\",\"window_secs\":60}}";
    String first = client.post("/api/execute", body).ok().text("execution_id");
    running
        .database()
        .autocommit(
            Database.Pool.READ,
            connection -> {
              try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(
                    "update noetl.execution set started_at = started_at - interval '61 seconds'"
                        + " where execution_id = "
                        + first);
              }
            });

    Client.Answer second = client.post("/api/execute", body).ok();
    Client.Answer third = client.post("/api/execute", body).ok();

    assertThat(second.body()).containsEntry("status", "started");
    assertThat(second.text("execution_id")).isNotEqualTo(first);
    assertThat(third.body())
        .containsEntry("status", "duplicate")
        .containsEntry("execution_id", second.text("execution_id"));
  }

  @Test
  void startsTheGoodItemsOfABatch() {
    Client.Answer answer =
        client
            .post(
                "/api/execute/batch",
                """
                {"executions":[{"path":"wire/instant","dedup":{"key":"b"}},{"path":"no/such"},
                  {"catalog_id":"x"},5,{"path":"wire/instant","dedup":{"key":"b"}}]}
                """)
            .ok();

    assertThat(answer.body())
        .containsEntry("count", 5L)
        .containsEntry("started", 1L)
        .containsEntry("duplicates", 1L)
        .containsEntry("failed", 3L);
    assertThat(answer.at("results.4.execution_id")).isEqualTo(answer.at("results.0.execution_id"));
    assertThat(answer.text("results.1.error")).contains("no/such");
    assertThat(answer.text("results.3.error")).contains("executions[3]");
  }

  @Test
  void listsExecutionsByFilterInPages() {
    String parent = client.execute("wire/chain");
    for (int i = 0; i < 3; i++) {
      client
          .post(
              "/api/execute",
              "{\"path\":\"wire/instant\",\"parent_execution_id\":\"" + parent + "\"}")
          .ok();
    }
    String filter = "/api/executions?parent_execution_id=" + parent;

    Client.Answer page = client.get(filter + "&limit=2").ok();
    assertThat(page.array()).hasSize(2);
    assertThat(page.array().getFirst())
        .containsEntry("path", "wire/instant")
        .containsEntry("status", "COMPLETED")
        .containsEntry("parent_execution_id", parent)
        .containsKeys(
            "started_at",
            "start_time",
            "completed_at",
            "end_time",
            "duration_human",
            "event_count");
    Client.Answer rest = client.get(filter + "&cursor=" + page.header("X-Next-Cursor")).ok();
    assertThat(rest.array()).hasSize(1);
    assertThat(client.get(filter + "&offset=2").array()).hasSize(1);
    assertThat(client.get(filter + "&status=running").array()).isEmpty();
    assertThat(client.get(filter + "&status=completed&path=wire/instant").array()).hasSize(3);
    assertThat(client.get(filter + "&since=2001-01-01T00:00:00Z").array()).hasSize(3);
    assertThat(client.get(filter + "&until=2001-01-01T00:00:00Z").array()).isEmpty();
  }
}
