package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Human approval over HTTP. */
class SignalRoutesIT {
  private static final String APPROVAL =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: approval, path: wire/approval}
      workflow:
        - step: start
          tool: {kind: wait, signal: "approve {{ workload.what }}", timeout: 1h}
          next:
            arcs:
              - {step: ship, when: "{{ start.data.ok }}"}
              - {step: stop}
        - {step: ship, tool: {kind: noop, result: {by: "{{ start.data.by }}"}}}
        - {step: stop, tool: {kind: noop, result: stopped}}
      """;

  private static RunningServer running;
  private static ServerParts other;
  private static Client client;
  private static Client second;

  @BeforeAll
  static void start() {
    running = RunningServer.start(APPROVAL, Playbooks.CHAIN, Playbooks.INSTANT);
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

  private static String ask() {
    return client
        .post("/api/execute", Map.of("path", "wire/approval", "payload", Map.of("what", "it")))
        .ok()
        .text("execution_id");
  }

  @Test
  void aPersonApprovesAtAnyServer() {
    String execution = ask();
    assertThat(client.get("/api/executions/" + execution + "/diagnose").ok().text())
        .contains("\"kind\":\"signal\"", "\"name\":\"approve it\"", "\"until\":");

    Client.Answer answer =
        second.post(
            "/api/executions/" + execution + "/signal/approve%20it",
            "{\"data\":{\"ok\":true,\"by\":\"ada\"},\"key\":\"k1\"}");

    assertThat(answer.ok().body())
        .containsEntry("status", "delivered")
        .containsEntry("step", "start")
        .containsKey("event_id");
    assertThat(client.get("/api/executions/" + execution).ok().text("result.by")).isEqualTo("ada");
    assertThat(
            client
                .post(
                    "/api/executions/" + execution + "/signal",
                    "{\"name\":\"approve it\",\"key\":\"k1\"}")
                .ok()
                .body())
        .as("also after the end")
        .containsEntry("status", "duplicate");
  }

  @Test
  void aSignalThatNobodyWaitsForIsKept() {
    String execution = client.execute("wire/chain");

    Client.Answer kept =
        client.post(
            "/api/executions/" + execution + "/signal",
            "{\"name\":\"later\",\"data\":[1]}",
            "Idempotency-Key",
            "k7");

    assertThat(kept.ok().body()).containsEntry("status", "kept").doesNotContainKey("step");
    assertThat(
            second
                .post("/api/executions/" + execution + "/signal/later", "", "Idempotency-Key", "k7")
                .ok()
                .body())
        .containsEntry("status", "duplicate");
    assertThat(client.get("/api/replay/state?execution_id=" + execution).ok().text())
        .contains("\"signals\":[{", "\"key\":\"k7\"");
  }

  @Test
  void saysWhatIsWrong() {
    String execution = ask();
    String path = "/api/executions/" + execution + "/signal";

    assertThat(client.post(path, "{}").status()).isEqualTo(422);
    assertThat(client.post(path, "").status()).isEqualTo(422);
    assertThat(client.post(path + "/" + "x".repeat(129), "").status()).isEqualTo(422);
    assertThat(client.post(path, "{\"name\":\"a\",\"key\":\"\"}").status()).isEqualTo(422);
    Client.Answer large = client.post(path + "/a", "{\"data\":\"" + "x".repeat(65_536) + "\"}");
    assertThat(large.status()).isEqualTo(413);
    assertThat(large.text("error")).contains("65536", "results.inline-max-bytes");
    for (int i = 0; i < 100; i++) {
      client.post(path + "/a", "").ok();
    }
    Client.Answer full = client.post(path + "/a", "");
    assertThat(full.status()).isEqualTo(429);
    assertThat(full.body()).containsEntry("code", "quota");
    assertThat(full.header("Retry-After")).isEqualTo("1");
    assertThat(client.post("/api/executions/77/signal/a", "").status()).isEqualTo(404);
    assertThat(
            client
                .post("/api/executions/" + client.execute("wire/instant") + "/signal/a", "")
                .body())
        .containsEntry("code", "already_terminal");
    client.post("/api/executions/" + execution + "/cancel", "").ok();
  }
}
