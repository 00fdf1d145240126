package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Executions as they were, what changed, retries and forks, over HTTP on a real database. */
class TimeTravelIT {
  private static final String FLOW =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: flow, path: wire/flow}
      workload: {n: 1}
      workflow:
        - step: start
          loop: {in: [1, 2], iterator: it}
          tool: {kind: noop, result: {v: "{{ it * 10 }}"}}
          next: work
        - step: work
          spec: {on_error: fail}
          tool: {kind: python, input: {n: "{{ n }}"}, code: "x"}
          set: {ctx.got: "{{ work.v }}"}
          next: end
        - step: end
          tool:
            kind: noop
            result: {got: "{{ ctx.got }}", n: "{{ n }}", loop: "{{ start.results[1].v }}"}
      """;

  private static RunningServer running;
  private static ServerParts other;
  private static Client client;

  @BeforeAll
  static void start() {
    running = RunningServer.start(FLOW, Playbooks.CHAIN, Playbooks.INSTANT);
    client = running.client();
    other = new ServerParts(running.database(), 2);
  }

  @AfterAll
  static void stop() {
    Invariants.check(running.database().config());
    other.close();
    running.close();
  }

  private static void work(String execution, String result) {
    String command = client.command(execution, "work");
    client.claim(command, "w1").ok();
    client.report(execution, command, 1, result).ok();
  }

  private static String done() {
    String execution = client.execute("wire/flow");
    work(execution, "{\"v\": 5}");
    assertThat(client.get("/api/executions/" + execution).ok().text("status"))
        .isEqualTo("COMPLETED");
    return execution;
  }

  private static String failed() {
    String execution = client.execute("wire/flow");
    String command = client.command(execution, "work");
    client.claim(command, "w1").ok();
    client
        .post(
            "/api/events",
            Map.of(
                "execution_id",
                execution,
                "event_type",
                "command.failed",
                "step",
                "work",
                "context",
                Map.of("error", Map.of("kind", "x", "message", "it broke")),
                "meta",
                Map.of("command_id", command, "fence", 1)))
        .ok();
    assertThat(client.get("/api/executions/" + execution).ok().text("status")).isEqualTo("FAILED");
    return execution;
  }

  private static long seqOf(String execution, String type, String step) {
    for (Object item :
        (List<?>) client.get("/api/executions/" + execution + "/events").ok().at("events")) {
      Map<?, ?> event = (Map<?, ?>) item;
      if (event.get("event_type").equals(type)
          && (step == null || step.equals(event.get("step")))) {
        return (Long) event.get("seq");
      }
    }
    throw new AssertionError("no event " + type + " of " + step);
  }

  @Test
  void showsAnExecutionAsItWas() {
    String execution = done();
    String path = "/api/executions/" + execution;
    long issued = seqOf(execution, "command.issued", "work");

    Client.Answer then = client.get(path + "?as_of_seq=" + issued).ok();

    assertThat(then.body())
        .containsEntry("status", "RUNNING")
        .containsEntry("event_count", issued)
        .doesNotContainKeys("result", "completed_at");
    assertThat(then.at("as_of.seq")).isEqualTo(issued);
    assertThat(then.text("as_of.event_type")).isEqualTo("command.issued");
    assertThat(then.text("state.steps.work.visits")).isEqualTo("1");
    assertThat(
            client
                .get("/api/replay/state?execution_id=" + execution + "&as_of_position=" + issued)
                .ok()
                .text("checksum"))
        .isEqualTo(then.text("checksum"));
    String at = then.text("as_of.at");
    assertThat(other.client().get(path + "?as_of=" + at).ok().text("status")).isEqualTo("RUNNING");
    assertThat(client.get(path + "?as_of=2001-01-01T00:00:00Z").status()).isEqualTo(404);
    assertThat(client.get(path + "?as_of_seq=999").status()).isEqualTo(404);
    assertThat(client.get(path + "?as_of_seq=2&as_of=" + at).status()).isEqualTo(400);
    assertThat(client.get("/api/executions/77?as_of_seq=1").status()).isEqualTo(404);
  }

  @Test
  void tellsWhatChangedBetweenTwoPositions() {
    String execution = done();
    String path = "/api/executions/" + execution + "/diff";
    long issued = seqOf(execution, "command.issued", "work");

    Client.Answer diff = client.get(path + "?from_seq=" + issued).ok();

    assertThat(diff.map("changes.status")).isEqualTo(Map.of("from", "RUNNING", "to", "COMPLETED"));
    assertThat(diff.map("changes.variables")).isEqualTo(Map.of("got", Map.of("to", 5L)));
    assertThat(diff.map("changes.steps")).containsOnlyKeys("work", "end");
    assertThat(diff.map("changes.commands")).hasSize(1);
    assertThat(client.get(path + "?from_seq=0&to_seq=1").ok().map("changes.tokens"))
        .containsOnlyKeys("start");
    assertThat(client.get(path + "?from_seq=" + issued + "&to_seq=" + issued).ok().map("changes"))
        .isEmpty();
    assertThat(client.get(path).status()).isEqualTo(400);
    assertThat(client.get(path + "?from_seq=999").status()).isEqualTo(404);
  }

  @Test
  void retriesFromTheStepThatFailedAndLeavesTheFirstAsItIs() {
    String execution = failed();
    String before = client.get("/api/executions/" + execution + "/events").ok().text();

    Client.Answer retry =
        other
            .client()
            .post(
                "/api/executions/" + execution + "/retry",
                Map.of("patch", Map.of("workload", Map.of("n", 3))))
            .ok();

    assertThat(retry.body())
        .containsEntry("status", "started")
        .containsEntry("parent", execution)
        .containsEntry("starts", List.of("work"))
        .containsEntry("commands_generated", 1L);
    String fork = retry.text("execution_id");
    work(fork, "{\"v\": 6}");
    Client.Answer ended = client.get("/api/executions/" + fork).ok();
    assertThat(ended.body()).containsEntry("status", "COMPLETED");
    assertThat(ended.map("result")).isEqualTo(Map.of("got", 6L, "n", 3L, "loop", 20L));
    assertThat(ended.text("forked_from.execution_id")).isEqualTo(execution);
    assertThat(client.get("/api/executions/" + execution + "/events").ok().text())
        .isEqualTo(before);
    assertThat(client.post("/api/executions/" + fork + "/retry", "").text("error"))
        .contains("to have failed or been cancelled, but it is COMPLETED");
  }

  @Test
  void retriesWhatWasCancelled() {
    String execution = client.execute("wire/flow");
    assertThat(client.post("/api/executions/" + execution + "/retry", "").status()).isEqualTo(409);
    client.post("/api/executions/" + execution + "/cancel", "").ok();

    Client.Answer retry = client.post("/api/executions/" + execution + "/retry", "").ok();

    assertThat(retry.at("starts")).isEqualTo(List.of("work"));
    client.post("/api/executions/" + retry.text("execution_id") + "/cancel", "").ok();
  }

  @Test
  void forksFromAnyEventWithOtherVariables() {
    String execution = done();
    long finished = seqOf(execution, "call.done", "work");

    Client.Answer plan =
        client
            .post(
                "/api/executions/" + execution + "/fork",
                Map.of("at_seq", finished, "dry_run", true))
            .ok();
    assertThat(plan.body())
        .containsEntry("status", "planned")
        .containsEntry("starts", List.of("end"))
        .containsEntry("shared_events", finished + 1)
        .doesNotContainKey("execution_id");
    Client.Answer fork =
        client
            .post(
                "/api/executions/" + execution + "/fork",
                Map.of(
                    "at_seq",
                    finished,
                    "patch",
                    Map.of("variables", Map.of("got", 50), "workload", Map.of("n", 9))))
            .ok();
    Client.Answer ended = client.get("/api/executions/" + fork.text("execution_id")).ok();
    assertThat(ended.map("result")).isEqualTo(Map.of("got", 50L, "n", 9L, "loop", 20L));

    Client.Answer again =
        client
            .post("/api/executions/" + fork.text("execution_id") + "/fork", Map.of("at_seq", 1))
            .ok();
    assertThat(client.get("/api/executions/" + again.text("execution_id")).ok().text("result.got"))
        .as("a fork of a fork")
        .isEqualTo("50");
    assertThat(client.get("/api/replay/state?execution_id=" + again.text("execution_id")).ok())
        .isNotNull();
  }

  @Test
  void everyEventOfAnExecutionCanBeForkedAt() {
    String execution = done();
    long last = (Long) client.get("/api/executions/" + execution).ok().at("event_count");
    for (long seq = 1; seq <= last; seq++) {
      Client.Answer fork =
          client.post("/api/executions/" + execution + "/fork", Map.of("at_seq", seq)).ok();
      String id = fork.text("execution_id");
      if (client.get("/api/executions/" + id).ok().text("status").equals("RUNNING")) {
        work(id, "{\"v\": 5}");
      }
      assertThat(client.get("/api/executions/" + id).ok().map("result"))
          .as("forked at %s", seq)
          .isEqualTo(Map.of("got", 5L, "n", 1L, "loop", 20L));
    }
  }

  @Test
  void saysWhatIsWrong() {
    String execution = done();
    String path = "/api/executions/" + execution + "/fork";

    assertThat(client.post(path, "{}").status()).isEqualTo(422);
    assertThat(client.post(path, Map.of("at_seq", 1, "at_event", "1")).status()).isEqualTo(422);
    assertThat(client.post(path, Map.of("at_seq", 0)).status()).isEqualTo(422);
    assertThat(client.post(path, Map.of("at_seq", 99)).status()).isEqualTo(404);
    assertThat(client.post(path, Map.of("at_event", "99")).status()).isEqualTo(404);
    assertThat(client.post(path, Map.of("at_seq", 1, "version", 9)).status()).isEqualTo(404);
    assertThat(client.post(path, Map.of("at_seq", 1, "patch", Map.of("steps", Map.of()))).status())
        .isEqualTo(422);
    assertThat(client.post("/api/executions/77/fork", Map.of("at_seq", 1)).status()).isEqualTo(404);
    assertThat(client.post("/api/executions/77/retry", "").status()).isEqualTo(404);
  }

  @Test
  void anotherVersionMustHaveTheStepsWhereTheForkGoesOn() {
    String first = FLOW.replace("wire/flow", "wire/versions");
    client.register(first);
    String execution = client.execute("wire/versions");
    long issued = seqOf(execution, "command.issued", "work");
    client.register(
        first.replace("step: work\n", "step: labour\n").replace("next: work", "next: labour"));
    client.register(first.replace("n: \"{{ n }}\", loop", "n: \"v3 {{ n }}\", loop"));

    assertThat(
            client
                .post(
                    "/api/executions/" + execution + "/fork",
                    Map.of("at_seq", issued, "version", 2))
                .text("error"))
        .contains("a version that has step 'work'");
    Client.Answer fork =
        client
            .post("/api/executions/" + execution + "/fork", Map.of("at_seq", issued, "version", 3))
            .ok();
    work(fork.text("execution_id"), "{\"v\": 5}");
    assertThat(client.get("/api/executions/" + fork.text("execution_id")).ok().text("result.n"))
        .isEqualTo("v3 1");
  }
}
