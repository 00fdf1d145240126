package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariableRoutesIT {
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"variables\":[{\"var_name\":\"n\",\"var_value\":5,\"var_type\":\"computed\","
            + "\"source_step\":\"start\"}]}",
        "{\"var_name\":\"n\",\"var_value\":5,\"var_type\":\"computed\",\"source_step\":\"start\"}",
        "{\"variables\":{\"n\":5},\"var_type\":\"computed\",\"source_step\":\"start\"}"
      })
  void takesVariablesInThreeShapes(String body) {
    String execution = client.execute("wire/chain");
    String vars = "/api/vars/" + execution;

    assertThat(client.post(vars, body).ok().body())
        .containsEntry("execution_id", execution)
        .containsEntry("variables_set", 1L)
        .containsEntry("var_names", List.of("n"))
        .containsEntry("status", "ok");

    Map<String, Object> shown = client.get(vars).ok().array().getFirst();
    assertThat(shown)
        .containsEntry("var_name", "n")
        .containsEntry("var_value", 5L)
        .containsEntry("value", 5L)
        .containsEntry("var_type", "computed")
        .containsEntry("type", "computed")
        .containsEntry("source_step", "start")
        .containsEntry("access_count", 1L)
        .containsKeys("created_at", "accessed_at");
    assertThat(client.get(vars + "/n").ok().body()).containsEntry("access_count", 2L);
  }

  @Test
  void recordsWhatIsSetAndTakenAwayAsEvents() {
    String execution = client.execute("wire/chain");
    String vars = "/api/vars/" + execution;
    client.post(vars, "{\"variables\":{\"a\":1,\"b\":{\"c\":null},\"d\":[]}}").ok();

    assertThat(client.delete(vars + "/a").ok().body())
        .containsEntry("var_name", "a")
        .containsEntry("status", "deleted");

    assertThat(client.get(vars + "/a").status()).isEqualTo(404);
    assertThat(client.delete(vars + "/a").status()).isEqualTo(404);
    assertThat(client.get("/api/replay/state?execution_id=" + execution).map("state.variables"))
        .containsOnlyKeys("b", "d");
    assertThat(client.get("/api/executions/" + execution + "/status?full=true").map("variables"))
        .containsOnlyKeys("b", "d");
    assertThat(client.delete(vars).ok().body()).containsEntry("variables_deleted", 2L);
    assertThat(client.get(vars).array()).isEmpty();
    Client.Answer events =
        client.get("/api/executions/" + execution + "/events?event_type=ctx.updated").ok();
    assertThat(events.at("pagination.total_events")).isEqualTo(3L);
  }

  @Test
  void handsVariablesToTheStepsThatComeNext() {
    String execution = client.execute("wire/chain");
    client.post("/api/vars/" + execution, "{\"var_name\":\"late\",\"var_value\":\"x\"}").ok();
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    client.report(execution, command, 1, "{\"n\":1}").ok();

    assertThat(client.get("/api/vars/" + execution + "/late").ok().text("value")).isEqualTo("x");
  }

  @Test
  void pagesByName() {
    String execution = client.execute("wire/chain");
    String vars = "/api/vars/" + execution;
    client.post(vars, "{\"variables\":{\"a\":1,\"b\":2,\"c\":3}}").ok();

    Client.Answer first = client.get(vars + "?limit=2").ok();
    Client.Answer second =
        client.get(vars + "?limit=2&cursor=" + first.header("X-Next-Cursor")).ok();

    assertThat(first.array()).hasSize(2);
    assertThat(second.text("0.var_name")).isEqualTo("c");
    assertThat(second.header("X-Next-Cursor")).isEmpty();
  }

  @Test
  void hidesWhatIsCalledASecret() {
    String execution = client.execute("wire/chain");
    client.post("/api/vars/" + execution, "{\"variables\":{\"password\":\"hunter2\"}}").ok();

    assertThat(client.get("/api/vars/" + execution).text()).doesNotContain("hunter2");
    assertThat(client.get("/api/vars/" + execution + "/password").text("value"))
        .isEqualTo("[REDACTED]");
  }

  @Test
  void refusesToWriteToAnExecutionThatHasEnded() {
    String execution = client.execute("wire/instant");

    Client.Answer answer = client.post("/api/vars/" + execution, "{\"variables\":{\"a\":1}}");

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.body()).containsEntry("code", "already_terminal");
    assertThat(client.delete("/api/vars/" + execution).status()).isEqualTo(409);
    assertThat(client.get("/api/vars/77").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"variables\":[]}",
        "{\"variables\":5}",
        "{\"variables\":[{\"var_name\":\"\",\"var_value\":1}]}",
        "{\"variables\":[{\"var_name\":\"a\"}]}",
        "{\"variables\":{\"a\":1},\"var_type\":\"odd\"}",
        "{\"variables\":[{\"var_name\":\"a\",\"var_value\":1,\"source_step\":\"x\"},"
            + "{\"var_name\":\"b\",\"var_value\":1,\"source_step\":\"y\"}]}",
        "{\"var_name\":\"a\\u0000\",\"var_value\":1}"
      })
  void namesTheMemberThatIsWrong(String body) {
    Client.Answer answer = client.post("/api/vars/" + client.execute("wire/chain"), body);

    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.text("errors.0.path")).startsWith("var");
  }
}
