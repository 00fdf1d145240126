package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.testing.Invariants;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clusters tell about jobs, and commands that are put aside for them. */
class ContainerCallbackIT {
  private static final String UID = "0f0e-uid";

  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running =
        RunningServer.start(
            """
            apiVersion: noetl.io/v2
            kind: Playbook
            metadata: {name: job, path: wire/job}
            workflow:
              - {step: start, tool: {kind: container, image: alpine}, next: {arcs: [{step: after}]}}
              - step: after
                tool: {kind: python, input: {state: "{{ start.state }}"}, code: "result = state"}
            """,
            """
            apiVersion: noetl.io/v2
            kind: Playbook
            metadata: {name: job, path: wire/script-job}
            workflow:
              - {step: start, tool: {kind: script, script: {source: {type: inline}}, code: "x"}}
            """,
            """
            apiVersion: noetl.io/v2
            kind: Playbook
            metadata: {name: job, path: wire/job-loop}
            workflow:
              - step: start
                loop: {in: [1, 2], iterator: i, spec: {mode: parallel, max_in_flight: 2}}
                tool: {kind: container, image: alpine}
            """);
    client = running.client();
  }

  @AfterAll
  static void stop() {
    Invariants.check(running.database().config());
    running.close();
  }

  private static String jobName(String command) {
    return "noetl-" + command + "-0a1b2c3d";
  }

  private static Client.Answer park(String command, long fence, String more) {
    return client.post(
        "/api/commands/" + command + "/release",
        """
        {"worker_id":"w1","fence":%d,"delay_ms":3600000,"parked":{"kind":"job","namespace":"n",
         "job_name":"%s","job_uid":"%s","labels":{"a":"b"},"since_ms":1000,"ran":false,
         "longest_pause_ms":60000%s}}
        """
            .formatted(fence, jobName(command), UID, more));
  }

  private static Client.Answer tell(String execution, String command, String state, String more) {
    return client.post(
        "/api/internal/container-callback/" + execution + "/start",
        "{\"state\":\"%s\",\"job_name\":\"%s\"%s}".formatted(state, jobName(command), more));
  }

  /** An execution whose first command is put aside, and that command. */
  private record Aside(String execution, String command) {
    static Aside begin(String path) {
      String execution = client.execute(path);
      String command = client.command(execution, "start");
      client.claim(command, "w1").ok();
      park(command, 1, "").ok();
      return new Aside(execution, command);
    }
  }

  private static Map<String, Object> result(String execution) {
    List<?> events =
        (List<?>)
            client
                .get("/api/executions/" + execution + "/events?page_size=500")
                .ok()
                .body()
                .get("events");
    for (Object event : events) {
      Map<?, ?> map = (Map<?, ?>) event;
      if (String.valueOf(map.get("event_type")).startsWith("call.")) {
        @SuppressWarnings("unchecked")
        Map<String, Object> result = (Map<String, Object>) map.get("result");
        return result;
      }
    }
    throw new AssertionError(events);
  }

  @Test
  void aCallbackEndsTheCommandWithWhatTheJobCameTo() {
    Aside aside = Aside.begin("wire/job");

    Client.Answer answer =
        tell(
            aside.execution(),
            aside.command(),
            "succeeded",
            ",\"job_uid\":\""
                + UID
                + "\",\"exit_code\":0,\"completed_at\":\"2026-11-24T10:00:00Z\""
                + ",\"stdout_uri\":\"s3://out\"");

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.body()).containsEntry("status", "accepted").containsKey("event_id");
    assertThat(client.get("/api/commands/" + aside.command()).ok().body())
        .containsEntry("status", "COMPLETED");
    assertThat(String.valueOf(result(aside.execution())))
        .contains(
            "job_name=" + jobName(aside.command()),
            "job_uid=" + UID,
            "namespace=n",
            "labels={a=b}",
            "state=succeeded",
            "exit_code=0",
            "completed_at=2026-11-24T10:00:00Z",
            "stdout_uri=s3://out");
    assertThat(client.command(aside.execution(), "after")).isNotEmpty();
  }

  @Test
  void aFailedJobIsAHardErrorAndOneOverItsLimitATimeout() {
    Aside failed = Aside.begin("wire/job");
    tell(
            failed.execution(),
            failed.command(),
            "failed",
            ",\"reason\":\"OOMKilled\",\"exit_code\":137")
        .ok();
    assertThat(client.get("/api/executions/" + failed.execution()).text("error"))
        .contains("Job n/" + jobName(failed.command()) + " failed: OOMKilled (exit code 137)");

    String execution = client.execute("wire/job");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();
    park(command, 1, ",\"limit_ms\":5000,\"step_limit\":false").ok();
    tell(execution, command, "failed", ",\"reason\":\"DeadlineExceeded\"").ok();
    assertThat(client.get("/api/executions/" + execution).text("error"))
        .contains("timed out after 5 s");
  }

  @Test
  void aRepeatedCallbackIsStaleAndWritesNothing() {
    Aside aside = Aside.begin("wire/job");
    tell(aside.execution(), aside.command(), "succeeded", "").ok();
    String before = client.get("/api/executions/" + aside.execution()).text("event_count");

    Client.Answer again = tell(aside.execution(), aside.command(), "failed", "");

    assertThat(again.status()).isEqualTo(202);
    assertThat(again.body()).containsEntry("status", "stale").doesNotContainKey("event_id");
    assertThat(client.get("/api/executions/" + aside.execution()).text("event_count"))
        .isEqualTo(before);
  }

  @Test
  void oneOfManyCallbacksAtOnceEndsTheCommand() throws Exception {
    Aside aside = Aside.begin("wire/job");
    CountDownLatch go = new CountDownLatch(1);
    List<String> words = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        answers.add(
            threads.submit(
                () -> {
                  go.await();
                  return tell(aside.execution(), aside.command(), "succeeded", "").text("status");
                }));
      }
      go.countDown();
      for (Future<String> answer : answers) {
        words.add(answer.get(20, TimeUnit.SECONDS));
      }
    }
    assertThat(words).containsOnlyOnce("accepted").contains("stale").hasSize(16);
  }

  @Test
  void aCallbackBeforeTheStartIsToldCountsOnceItIs() {
    String execution = client.execute("wire/job");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();

    assertThat(tell(execution, command, "succeeded", "").body()).containsEntry("status", "noted");
    assertThat(tell(execution, command, "failed", "").body()).containsEntry("status", "noted");
    assertThat(client.get("/api/commands/" + command).body()).containsEntry("status", "CLAIMED");
    park(command, 1, "").ok();

    assertThat(client.get("/api/commands/" + command).ok().body())
        .containsEntry("status", "COMPLETED");
    assertThat(String.valueOf(result(execution))).contains("state=succeeded");
  }

  @Test
  void aCallbackEndsTheCommandAlsoWhileAWorkerLooks() {
    Aside aside = Aside.begin("wire/job");
    Map<String, Object> claim = client.claim(aside.command(), "w2").ok().body();
    assertThat(claim).containsEntry("fence", 2L).containsEntry("attempt", 1L);
    assertThat(String.valueOf(claim.get("parked"))).contains("job_uid=" + UID);

    assertThat(tell(aside.execution(), aside.command(), "succeeded", "").body())
        .containsEntry("status", "accepted");

    Client.Answer late = client.report(aside.execution(), aside.command(), 2, "{}");
    assertThat(late.body())
        .satisfiesAnyOf(
            body -> assertThat(body).containsEntry("duplicate", true),
            body -> assertThat(body).containsEntry("code", "stale_fence"));
  }

  @Test
  void aCallbackAboutAnotherJobChangesNothing() {
    Aside aside = Aside.begin("wire/job");

    assertThat(tell(aside.execution(), aside.command(), "succeeded", ",\"job_uid\":\"x\"").body())
        .containsEntry("status", "stale");
    assertThat(
            client
                .post(
                    "/api/internal/container-callback/" + aside.execution() + "/after",
                    "{\"state\":\"succeeded\",\"job_name\":\"" + jobName(aside.command()) + "\"}")
                .body())
        .containsEntry("status", "stale");
    assertThat(tell(aside.execution(), "99999999999999999999", "succeeded", "").body())
        .containsEntry("status", "stale");
    assertThat(tell(aside.execution(), aside.command(), "running", "").body())
        .containsEntry("status", "ignored");
    assertThat(client.get("/api/commands/" + aside.command()).body())
        .containsEntry("status", "PENDING")
        .containsKey("parked");
  }

  @Test
  void aCallbackAfterACancellationIsStale() {
    Aside aside = Aside.begin("wire/job");
    client.post("/api/executions/" + aside.execution() + "/cancel", "{}").ok();

    assertThat(tell(aside.execution(), aside.command(), "succeeded", "").body())
        .containsEntry("status", "stale");
    assertThat(
            client
                .post(
                    "/api/commands/ended",
                    "{\"commands\":[{\"command_id\":\"%s\",\"execution_id\":\"%s\"},{\"command_id\":\"7\",\"execution_id\":\"8\"}]}"
                        .formatted(aside.command(), aside.execution()))
                .ok()
                .body())
        .containsEntry("ended", List.of(aside.command()));
  }

  @Test
  void iterationsEndEachByTheirOwnCallback() {
    String execution = client.execute("wire/job-loop");
    List<?> items =
        (List<?>) client.get("/api/commands?execution_id=" + execution).ok().body().get("items");
    assertThat(items).hasSize(2);
    for (Object item : items) {
      String command = String.valueOf(((Map<?, ?>) item).get("command_id"));
      client.claim(command, "w1").ok();
      park(command, 1, "").ok();
    }
    for (Object item : items) {
      String command = String.valueOf(((Map<?, ?>) item).get("command_id"));
      assertThat(tell(execution, command, "succeeded", "").body())
          .containsEntry("status", "accepted")
          .containsKey("event_id");
    }
    assertThat(client.get("/api/executions/" + execution).text("status")).isEqualTo("COMPLETED");
  }

  @Test
  void aCallbackAboutAScriptMakesAWorkerLook() {
    Aside aside = Aside.begin("wire/script-job");

    assertThat(tell(aside.execution(), aside.command(), "succeeded", "").body())
        .containsEntry("status", "woken");

    assertThat(
            running.update(
                "update noetl.command set publication = publication where due_at <= now()"
                    + " and command_id = "
                    + aside.command()))
        .isEqualTo(1);
  }

  @Test
  void whatIsPutAsideIsNoBacklogAndIsShownAsACallback() {
    Aside aside = Aside.begin("wire/job");

    assertThat(
            String.valueOf(
                client.get("/api/executions/" + aside.execution() + "/diagnose").ok().body()))
        .contains("kind=callback", "broken_invariants=[]");
  }

  @Test
  void aCommandThatIsPutAsideIsClaimedWithFreshAttempts() {
    Aside aside = Aside.begin("wire/job");
    for (int i = 2; i < 12; i++) {
      Map<String, Object> claim = client.claim(aside.command(), "w1").ok().body();
      assertThat(claim).containsEntry("attempt", 1L);
      park(aside.command(), i, "").ok();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"job_name":"j"}                       | 422
          {"state":"succeeded"}                  | 422
          {"state":"odd","job_name":"j"}         | 422
          {"state":1,"job_name":"j"}             | 422
          """)
  void refusesACallbackThatCannotBeRead(String body, int status) {
    String execution = client.execute("wire/job");

    Client.Answer answer =
        client.post("/api/internal/container-callback/" + execution + "/start", body);

    assertThat(answer.status()).isEqualTo(status);
  }

  @Test
  void refusesACallbackAboutAnUnknownExecutionAndTextsThatAreTooLong() {
    String execution = client.execute("wire/job");

    assertThat(tell("12345", "1", "succeeded", "").status()).isEqualTo(404);
    assertThat(
            tell(execution, "1", "succeeded", ",\"reason\":\"" + "x".repeat(1_025) + "\"")
                .text("error"))
        .contains("reason", "1024");
  }

  @Test
  void refusesToPutAsideWhatIsNoJobAndWithAnotherFence() {
    String execution = client.execute("wire/job");
    String command = client.command(execution, "start");
    client.claim(command, "w1").ok();

    assertThat(
            client
                .post(
                    "/api/commands/" + command + "/release",
                    "{\"worker_id\":\"w1\",\"fence\":1,\"parked\":{\"kind\":\"x\"}}")
                .status())
        .isEqualTo(422);
    assertThat(park(command, 7, "").body()).containsEntry("code", "stale_fence");
  }

  @Test
  void wantsTheInternalToken() {
    try (RunningServer closed =
        RunningServer.start(
            ServerParts.config(ApiLimits.DEFAULT), new OpenAccess("t".repeat(16), false))) {
      Client.Answer answer =
          closed
              .client()
              .post(
                  "/api/internal/container-callback/1/start",
                  "{\"state\":\"succeeded\",\"job_name\":\"j\"}");

      assertThat(answer.status()).isEqualTo(403);
    }
  }
}
