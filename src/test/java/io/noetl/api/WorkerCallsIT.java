package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Claims and reports that come together in one request. */
class WorkerCallsIT {
  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN);
    client = running.client();
  }

  @AfterAll
  static void stop() {
    Invariants.check(running.database().config());
    running.close();
  }

  private static String claim(String command, String worker) {
    return """
    {"path": "/api/commands/%s/claim", "body": {"worker_id": "%s"}}\
    """
        .formatted(command, worker);
  }

  private static String report(String execution, String command, int fence) {
    return """
    {"path": "/api/events", "body": {"execution_id": "%s", "event_type": "command.completed",
     "command_id": "%s", "worker_id": "w", "meta": {"fence": %d, "attempt": 1},
     "context": {"result": {"status": "success", "data": {"n": 1}}}}}\
    """
        .formatted(execution, command, fence);
  }

  private static Client.Answer together(List<String> calls) {
    return client.post("/api/worker/calls", "{\"calls\": [" + String.join(",", calls) + "]}");
  }

  @Test
  void answersEachCallAsIfItHadComeAlone() {
    List<String> executions = new ArrayList<>();
    List<String> claims = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String execution = client.execute("wire/chain");
      executions.add(execution);
      claims.add(claim(client.command(execution, "start"), "w"));
    }
    claims.add(claim("1", "w"));

    Client.Answer claimed = together(claims).ok();

    List<String> reports = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      assertThat(claimed.text("answers." + i + ".status")).isEqualTo("200");
      assertThat(claimed.text("answers." + i + ".body.execution_id")).isEqualTo(executions.get(i));
      reports.add(
          report(
              executions.get(i),
              claimed.text("answers." + i + ".body.command_id"),
              i == 7 ? 99 : 1));
    }
    assertThat(claimed.text("answers.20.status")).isEqualTo("404");
    assertThat(claimed.text("answers.20.body.code")).isEqualTo("not_found");

    Client.Answer reported = together(reports).ok();

    for (int i = 0; i < 20; i++) {
      if (i == 7) {
        assertThat(reported.text("answers.7.status")).isEqualTo("409");
        assertThat(reported.text("answers.7.body.code")).isEqualTo("stale_fence");
      } else {
        assertThat(reported.text("answers." + i + ".status")).isEqualTo("200");
        assertThat(reported.text("answers." + i + ".body.commands_generated")).isEqualTo("1");
      }
    }
    Client.Answer repeated = together(List.of(reports.getFirst(), reports.getFirst())).ok();
    assertThat(repeated.text("answers.0.body.duplicate")).isEqualTo("true");
    assertThat(repeated.text("answers.1.body.event_id"))
        .isEqualTo(reported.text("answers.0.body.event_id"));
  }

  @Test
  void grantsOneCommandToOneOfTwoWorkersInARequest() {
    String command = client.command(client.execute("wire/chain"), "start");

    Client.Answer answer = together(List.of(claim(command, "a"), claim(command, "b"))).ok();

    assertThat(List.of(answer.text("answers.0.status"), answer.text("answers.1.status")))
        .containsExactlyInAnyOrder("200", "409");
  }

  @Test
  void refusesOtherPathsAndWhatIsNoCallAtAll() {
    Client.Answer other =
        together(List.of("{\"path\": \"/api/executions/1/cancel\", \"body\": {}}")).ok();
    assertThat(other.text("answers.0.status")).isEqualTo("404");
    assertThat(other.text("answers.0.body.error")).contains("/api/executions/1/cancel");

    assertThat(client.post("/api/worker/calls", "{}").status()).isEqualTo(422);
    assertThat(
            client.post("/api/worker/calls", "{\"calls\": [{\"path\": \"/api/events\"}]}").status())
        .isEqualTo(422);
    assertThat(together(List.of()).ok().text("answers")).isEqualTo("[]");
  }
}
