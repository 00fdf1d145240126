package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports of workers, of this protocol and of the older one. */
class ReportsIT {
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

  private static Map<String, String> names(String execution, String step) {
    Map<String, String> names = new HashMap<>();
    names.put("execution_id", execution);
    names.put("step", step);
    names.put("command_id", client.command(execution, step));
    names.put("event_id", Long.toString(Long.parseLong(execution) + 1_000_000));
    return names;
  }

  private static Client.Answer post(String file, Map<String, String> names) {
    return client.postFile("/api/events", file, names);
  }

  private static void claim(Map<String, String> names) {
    client
        .postFile("/api/commands/" + names.get("command_id") + "/claim", "old_claim.json", names)
        .ok();
  }

  private static List<String> types(String execution) {
    return client
                .get("/api/executions/" + execution + "/events?page_size=500")
                .ok()
                .body()
                .get("events")
            instanceof List<?> events
        ? events.stream()
            .map(event -> String.valueOf(((Map<?, ?>) event).get("event_type")))
            .toList()
        : List.of();
  }

  @Test
  void takesTheSequenceOfAnOlderWorkerAndItsRepeats() {
    String execution = client.execute("wire/chain");
    Map<String, String> names = names(execution, "start");
    claim(names);

    List<String> files =
        List.of("old_command_started.json", "old_call_done.json", "old_step_exit.json");
    for (String file : files) {
      Client.Answer first = post(file, names).ok();
      assertThat(first.body()).doesNotContainKey("duplicate");
      Client.Answer again = post(file, names).ok();
      assertThat(again.body())
          .containsEntry("duplicate", true)
          .containsEntry("event_id", first.text("event_id"));
    }
    assertThat(client.command(execution, "start")).isEqualTo(names.get("command_id"));
    Client.Answer end = post("old_command_completed.json", names).ok();
    assertThat(end.body()).containsEntry("commands_generated", 1L);
    assertThat(post("old_command_completed.json", names).ok().body())
        .containsEntry("duplicate", true)
        .containsEntry("event_id", end.text("event_id"));
    for (String file : files) {
      assertThat(post(file, names).ok().body()).containsEntry("duplicate", true);
    }

    assertThat(types(execution))
        .containsExactly(
            "playbook_started",
            "command.issued",
            "command.started",
            "call.done",
            "step.exit",
            "call.done",
            "command.issued");
    String second = client.command(execution, "second");
    client.claim(second, "w1").ok();
    client.report(execution, second, 1, "{\"n\":2}").ok();
    assertThat(client.get("/api/executions/" + execution).text("result.answer")).isEqualTo("2");
    assertThat(post("old_command_completed.json", names).ok().body())
        .containsEntry("duplicate", true);
  }

  @Test
  void failsTheExecutionWithTheSentenceOfAnOlderWorker() {
    String execution = client.execute("wire/chain");
    Map<String, String> names = names(execution, "start");
    claim(names);
    post("old_call_error.json", names).ok();

    post("old_command_failed.json", names).ok();

    Client.Answer read = client.get("/api/executions/" + execution).ok();
    String sentence =
        ((List<?>) read.at("events"))
            .stream()
                .map(event -> (Map<?, ?>) event)
                .filter(event -> "call.error".equals(event.get("event_type")))
                .map(event -> (Map<?, ?>) event.get("result"))
                .map(result -> (Map<?, ?>) result.get("context"))
                .map(context -> String.valueOf(context.get("error")))
                .findFirst()
                .orElse("");
    assertThat(sentence).isEqualTo("division by zero");
  }

  @Test
  void findsTheCommandOfAWorkerThatNamesOnlyTheStep() {
    String execution = client.execute("wire/chain");
    client.claim(client.command(execution, "start"), "old-worker-2").ok();

    Client.Answer answer =
        client.post(
            "/api/events",
            """
            {"execution_id":"%s","node_name":"start","name":"command.completed",
             "worker_id":"old-worker-2","payload":{"result":{"status":"ok","data":{"n":3}}}}
            """
                .formatted(execution));

    assertThat(answer.ok().body()).containsEntry("commands_generated", 1L);
  }

  @Test
  void refusesReportsOfALostClaim() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    assertThat(client.report(execution, command, 1, "1").body())
        .as("never claimed")
        .containsEntry("code", "stale_fence");
    client.claim(command, "w1").ok();
    client.post("/api/commands/" + command + "/release", "{\"worker_id\":\"w1\",\"fence\":1}").ok();
    assertThat(client.claim(command, "w2").ok().text("fence")).isEqualTo("2");

    Client.Answer stale = client.report(execution, command, 1, "1");
    Client.Answer good = client.report(execution, command, 2, "1");
    Client.Answer late = client.report(execution, command, 1, "1");

    assertThat(stale.status()).isEqualTo(409);
    assertThat(stale.body()).containsEntry("code", "stale_fence");
    assertThat(good.status()).isEqualTo(200);
    assertThat(late.body()).containsEntry("code", "stale_fence");
    Client.Answer record =
        client.post(
            "/api/events",
            """
            {"execution_id":"%s","event_type":"command.started","command_id":"%s",
             "worker_id":"w1","meta":{"fence":1}}
            """
                .formatted(execution, command));
    assertThat(record.body()).containsEntry("code", "stale_fence");
  }

  @Test
  void writesNothingAfterTheEnd() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    client.post("/api/executions/" + execution + "/cancel", "{\"reason\":\"enough\"}").ok();
    List<String> before = types(execution);

    Client.Answer report = client.report(execution, command, 1, "1");
    Client.Answer note =
        client.post(
            "/api/events", "{\"execution_id\":\"" + execution + "\",\"event_type\":\"my.note\"}");

    assertThat(report.status()).isEqualTo(409);
    assertThat(report.body()).containsEntry("code", "already_terminal");
    assertThat(note.body()).containsEntry("code", "already_terminal");
    assertThat(types(execution)).isEqualTo(before).last().isEqualTo("playbook.cancelled");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "playbook.completed",
        "playbook_completed",
        "workflow.failed",
        "execution.cancelled",
        "step.enter",
        "step_started",
        "step.skipped",
        "command.issued",
        "command.claimed",
        "command.expired",
        "command.cancelled",
        "loop.done",
        "ctx.updated"
      })
  void keepsTypesOfTheServerToTheServer(String type) {
    String execution = client.execute("wire/chain");

    Client.Answer answer =
        client.post(
            "/api/events",
            "{\"execution_id\":\"" + execution + "\",\"event_type\":\"" + type + "\"}");

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body()).containsEntry("code", "reserved_type");
    assertThat(client.get("/api/executions/" + execution).text("status")).isEqualTo("RUNNING");
  }

  @Test
  void recordsFreeTypesOncePerKey() {
    String execution = client.execute("wire/chain");
    String note =
        """
        {"execution_id":"%s","event_type":"my.note","step":"start","status":"ok",
         "context":{"password":"hush","text":"Bearer abcdefghijklmn"},"informative":false,
         "meta":{"idempotency_key":"k1"}}
        """
            .formatted(execution);

    Client.Answer first = client.post("/api/events", note).ok();
    Client.Answer again = client.post("/api/events", note).ok();

    assertThat(again.body())
        .containsEntry("duplicate", true)
        .containsEntry("event_id", first.text("event_id"))
        .containsEntry("seq", first.at("seq"));
    assertThat(types(execution)).doesNotContain("my.note");
    Client.Answer all =
        client.get("/api/executions/" + execution + "/events?include=all&event_type=my.note");
    assertThat(all.at("events.0.context"))
        .isEqualTo(Map.of("password", "[REDACTED]", "text", "Bearer [REDACTED]"));
    assertThat(all.text("events.0.status")).isEqualTo("COMPLETED");
    assertThat(all.text("events.0.node_name")).isEqualTo("start");
  }

  @Test
  void refusesEventsThatCannotBeRead() {
    String execution = client.execute("wire/chain");

    assertThat(client.post("/api/events", "{\"execution_id\":\"1\"}").text("error"))
        .contains("name");
    assertThat(client.post("/api/events", "{\"event_type\":\"my.note\"}").text("error"))
        .contains("execution_id");
    assertThat(
            client
                .post("/api/events", "{\"event_type\":\"my.note\",\"execution_id\":\"77\"}")
                .status())
        .isEqualTo(404);
    assertThat(
            client
                .post(
                    "/api/events",
                    "{\"event_type\":\"my.note\",\"status\":\"odd\",\"execution_id\":\""
                        + execution
                        + "\"}")
                .status())
        .isEqualTo(422);
    assertThat(
            client
                .post(
                    "/api/events",
                    "{\"event_type\":\""
                        + "x".repeat(129)
                        + "\",\"execution_id\":\""
                        + execution
                        + "\"}")
                .status())
        .isEqualTo(422);
  }

  @Test
  void recordsABatchWholeOrNotAtAll() {
    String execution = client.execute("wire/chain");
    String batch =
        "{\"execution_id\":\"%s\",\"worker_id\":\"w1\",\"events\":[{\"step\":\"start\",\"event_type\":"
            + "\"my.one\"},{\"step\":\"start\",\"event_type\":\"%s\"}]}";

    Client.Answer bad =
        client.post("/api/events/batch", batch.formatted(execution, "playbook.completed"));
    assertThat(bad.body()).containsEntry("code", "reserved_type");
    assertThat(types(execution)).doesNotContain("my.one");

    Client.Answer good = client.post("/api/events/batch", batch.formatted(execution, "my.two"));
    assertThat((List<?>) good.ok().at("event_ids")).hasSize(2);
    assertThat(types(execution)).endsWith("my.one", "my.two");
  }

  private static Client.Answer batch(String execution, String... events) {
    return client.post(
        "/api/events/batch",
        "{\"execution_id\":\"%s\",\"worker_id\":\"w1\",\"events\":[%s]}"
            .formatted(execution, String.join(",", events)));
  }

  private static String about(String type, String command, String more) {
    return "{\"event_type\":\"%s\",\"command_id\":\"%s\",\"meta\":{\"fence\":1}%s}"
        .formatted(type, command, more);
  }

  private static final String RESULT =
      ",\"context\":{\"result\":{\"status\":\"success\",\"data\":{\"n\":2}}}";

  @Test
  void takesABatchThatEndsACommandInOneTransaction() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    String[] events = {
      about("command.started", command, ""),
      about("call.done", command, RESULT),
      about("step.exit", command, ""),
      about("command.completed", command, "")
    };

    Client.Answer first = batch(execution, events).ok();
    assertThat(first.at("commands_generated")).isEqualTo(1L);
    assertThat((List<?>) first.at("event_ids")).hasSize(4).doesNotHaveDuplicates();
    assertThat(types(execution))
        .containsExactly(
            "playbook_started",
            "command.issued",
            "command.started",
            "call.done",
            "step.exit",
            "call.done",
            "command.issued");

    Client.Answer again = batch(execution, events).ok();
    assertThat(again.at("event_ids")).isEqualTo(first.at("event_ids"));
    assertThat(again.at("commands_generated")).isEqualTo(0L);
    assertThat(types(execution)).hasSize(7);
  }

  @Test
  void writesNothingOfABatchWhoseEndIsRefused() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    List<String> before = types(execution);

    Client.Answer stale =
        batch(
            execution,
            "{\"event_type\":\"my.fact\"}",
            "{\"event_type\":\"command.completed\",\"command_id\":\"%s\",\"meta\":{\"fence\":9}%s}"
                .formatted(command, RESULT));
    assertThat(stale.body()).containsEntry("code", "stale_fence");
    assertThat(types(execution)).isEqualTo(before);

    Client.Answer twice =
        batch(
            execution,
            about("command.completed", command, RESULT),
            about("command.completed", "7", RESULT));
    assertThat(twice.body()).containsEntry("code", "stale_fence");
    assertThat(types(execution)).isEqualTo(before);
    assertThat(client.get("/api/commands/" + command).body()).containsEntry("status", "CLAIMED");
  }

  @Test
  void takesNothingAfterTheReportThatEndsTheExecution() {
    String execution = client.execute("wire/chain");
    String first = client.command(execution, "start");
    client.claim(first, "w1").ok();
    client.report(execution, first, 1, "{\"n\":2}").ok();
    String command = client.command(execution, "second");
    client.claim(command, "w1").ok();
    String end = about("command.completed", command, RESULT);

    Client.Answer late = batch(execution, end, "{\"event_type\":\"my.late\"}");

    assertThat(late.body()).containsEntry("code", "already_terminal");
    assertThat(client.get("/api/executions/" + execution).text("status")).isEqualTo("RUNNING");
    batch(execution, "{\"event_type\":\"my.early\"}", end).ok();
    assertThat(types(execution)).contains("my.early").doesNotContain("my.late");
    assertThat(types(execution)).endsWith("playbook.completed");
  }

  @Test
  void aFailureWithoutAWordInABatchGetsOne() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();

    batch(execution, "{\"event_type\":\"my.fact\"}", about("command.failed", command, "")).ok();

    assertThat(types(execution)).contains("my.fact", "call.error");
    assertThat(client.get("/api/commands/" + command).body()).containsEntry("status", "FAILED");
  }

  @Test
  void takesWritesOfPolicies() {
    String execution = client.execute("wire/chain");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();

    client
        .post(
            "/api/events",
            """
            {"event_type":"command.completed","execution_id":"%s","command_id":"%s",
             "worker_id":"w1","meta":{"fence":1},"context":{"result":{"status":"success"},
             "writes":[{"path":["seen","deep"],"value":4}]}}
            """
                .formatted(execution, command))
        .ok();

    assertThat(client.get("/api/executions/" + execution + "/status?full=true").at("variables"))
        .isEqualTo(Map.of("seen", Map.of("deep", 4L)));
  }

  @Test
  void recognisesARepeatedReportOfAnIteration() {
    client.register(
        """
        apiVersion: noetl.io/v2
        kind: Playbook
        metadata: {name: twice, path: wire/twice}
        workflow:
          - step: start
            loop: {in: [1, 2], iterator: item}
            tool: {kind: python, code: "result = 1"}
        """);
    String execution = client.execute("wire/twice");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    Client.Answer first = client.report(execution, command, 1, "1").ok();

    Client.Answer again = client.report(execution, command, 1, "1").ok();

    assertThat(again.body())
        .containsEntry("duplicate", true)
        .containsEntry("event_id", first.text("event_id"));
    assertThat(client.get("/api/commands/" + command).ok().body())
        .containsEntry("status", "COMPLETED")
        .containsEntry("attempt", 1L);
  }
}
