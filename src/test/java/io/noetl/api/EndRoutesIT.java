package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndRoutesIT {
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

  private static String child(String parent) {
    return client
        .post("/api/execute", Map.of("path", "wire/chain", "parent_execution_id", parent))
        .ok()
        .text("execution_id");
  }

  private static String status(String execution) {
    return client.get("/api/executions/" + execution).ok().text("status");
  }

  @Test
  void cancelsAnExecutionAndAllBelowIt() {
    String parent = client.execute("wire/chain");
    String child = child(parent);
    String grandchild = child(child);

    Client.Answer answer =
        client.post("/api/executions/" + parent + "/cancel", "{\"reason\":\"too late\"}").ok();

    assertThat(answer.body())
        .containsEntry("status", "cancelled")
        .containsEntry("cancelled_executions", List.of(parent, child, grandchild));
    assertThat(status(grandchild)).isEqualTo("CANCELLED");
    assertThat(client.get("/api/executions/" + parent + "/cancellation-check").ok().body())
        .containsEntry("is_cancelled", true);
    assertThat(client.get("/api/executions/" + parent).text("error")).isEqualTo("too late");
    assertThat(client.get("/api/commands?execution_id=" + child).at("count")).isEqualTo(0L);
  }

  @Test
  void leavesChildrenAloneWhenAskedTo() {
    String parent = client.execute("wire/chain");
    String child = child(parent);

    client.post("/api/executions/" + parent + "/cancel", "{\"cascade\":false}").ok();

    assertThat(status(parent)).isEqualTo("CANCELLED");
    assertThat(status(child)).isEqualTo("RUNNING");
  }

  @Test
  void saysThatAnEndedExecutionHadEnded() {
    String execution = client.execute("wire/instant");

    assertThat(client.post("/api/executions/" + execution + "/cancel", "").ok().body())
        .containsEntry("status", "already_completed")
        .containsEntry("cancelled_executions", List.of());
    assertThat(client.post("/api/executions/" + execution + "/finalize", "{}").ok().body())
        .containsEntry("status", "already_completed");
    assertThat(client.post("/api/executions/77/cancel", "").status()).isEqualTo(404);
    assertThat(client.post("/api/executions/77/finalize", "{}").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({"completed,COMPLETED", "error,FAILED", "canceled,CANCELLED"})
  void endsAnExecutionByHand(String word, String status) {
    String execution = client.execute("wire/chain");

    Client.Answer answer =
        client
            .post(
                "/api/executions/" + execution + "/finalize",
                Map.of("status", word, "reason", "stuck"))
            .ok();

    assertThat(answer.body()).containsEntry("status", "finalized");
    assertThat(answer.text("message")).contains("anonymous", "stuck");
    assertThat(status(execution)).isEqualTo(status);
    assertThat(client.get("/api/commands?execution_id=" + execution).at("count")).isEqualTo(0L);
  }

  @Test
  void endsTheChildrenOfAnExecutionThatIsEndedByHand() {
    String parent = client.execute("wire/chain");
    String child = child(parent);

    client.post("/api/executions/" + parent + "/finalize", "{}").ok();

    assertThat(status(parent)).isEqualTo("COMPLETED");
    assertThat(status(child)).isEqualTo("CANCELLED");
  }

  @Test
  void startsNoChildOfAnExecutionThatWasCancelled() {
    String parent = client.execute("wire/chain");
    client.post("/api/executions/" + parent + "/cancel", "").ok();

    Client.Answer refused =
        client.post("/api/execute", Map.of("path", "wire/chain", "parent_execution_id", parent));

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("code")).isEqualTo("execution_cancelled");
  }

  @Test
  void refusesToFinalizeAsRunning() {
    String execution = client.execute("wire/chain");

    assertThat(
            client
                .post("/api/executions/" + execution + "/finalize", "{\"status\":\"running\"}")
                .status())
        .isEqualTo(422);
    assertThat(status(execution)).isEqualTo("RUNNING");
  }
}
