package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.noetl.config.ConfigLoader;
import io.noetl.language.Rule;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestClient;
import io.noetl.testing.TestKubernetes;
import io.noetl.testing.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs of a cluster, through all roles, with one slot for all work there is. */
@Timeout(120)
@Rule({"9.14", "9.15"})
class ContainersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private static Path folder;
  private static TestKubernetes kubernetes;
  private static EmbeddedRuntime runtime;
  private static final String TOKEN = "the-token-of-the-cluster";
  private static TestClient client;

  /** Whoever tells how jobs ended. */
  private static TestClient cluster;

  @BeforeAll
  static void start() throws Exception {
    kubernetes = new TestKubernetes();
    begin();
    register(
        "k/job",
        """
        - {step: start, tool: {kind: container, image: alpine}}
        """);
    register(
        "k/quick",
        """
        - {step: start, tool: {kind: python, code: "result = 1"}}
        """);
    register(
        "k/limited",
        """
        - {step: start, tool: {kind: container, image: alpine, timeout_seconds: 1}}
        """);
    register(
        "k/step-limit",
        """
        - step: start
          spec: {timeout: 1s}
          tool: {kind: container, image: alpine}
          next: {arcs: [{step: after}]}
        - step: after
          tool: {kind: python, input: {s: "{{ start }}"}, code: "result = 'went on'"}
        """);
    register(
        "k/sequence",
        """
        - step: start
          tool:
            - first: {kind: container, image: alpine}
            - second: {kind: python, input: {s: "{{ first.state }}"}, code: "result = {'was': s}"}
        """);
    register(
        "k/script",
        """
        - {step: start, tool: {kind: script, code: "print('x')", job: {timeout: 60}}}
        """);
  }

  private static void begin() throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("server.port", "0");
    settings.put("data.folder", folder.toString());
    settings.put("bus.mode", "memory");
    settings.put("auth.internal-token", TOKEN);
    settings.put("worker.slots", "1");
    settings.put("worker.drain", "0s");
    settings.put("kubernetes.access", "kubeconfig");
    settings.put("kubernetes.kubeconfig", kubernetes.kubeconfig(folder).toString());
    settings.put("kubernetes.poll-interval", "200ms");
    settings.put("kubernetes.longest-pause", "400ms");
    settings.put("kubernetes.sweep-interval", "200ms");
    runtime = new Wiring().embedded();
    String url = runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString();
    client = new TestClient(url);
    cluster = TestClient.withToken(url, TOKEN);
  }

  @AfterAll
  static void stop() {
    runtime.close();
    kubernetes.close();
  }

  @AfterEach
  void everythingHolds() {
    Invariants.checkSettled(Databases.embeddedIn(folder.resolve("postgres")), PATIENCE);
  }

  private static void register(String path, String steps) throws IOException {
    client.register(
        """
        apiVersion: noetl.io/v2
        kind: Playbook
        metadata: {name: k, path: %s}
        workflow:
        """
                .formatted(path)
            + steps.indent(2));
  }

  private static String execute(String path) throws IOException {
    return client.execute(path, Map.of());
  }

  private static void awaitAside(String execution) {
    Waiting.until(
        PATIENCE,
        () -> "the command of " + execution + " is put aside",
        () ->
            String.valueOf(client.look("/api/commands?execution_id=" + execution).body())
                .contains("parked="));
  }

  @Test
  void aJobTakesNoSlotAndItsEndIsFoundWithoutACallback() throws Exception {
    String execution = execute("k/job");
    Job job = kubernetes.jobOf(execution);
    awaitAside(execution);

    assertThat(client.ended(execute("k/quick"), PATIENCE)).containsEntry("status", "COMPLETED");
    kubernetes.end(job, true, 0, null);

    Map<String, Object> ended = client.ended(execution, PATIENCE);
    assertThat(ended).containsEntry("status", "COMPLETED");
    assertThat(String.valueOf(ended.get("result"))).contains("state=succeeded");
    assertThat(client.events(execution))
        .extracting(event -> event.get("event_type"))
        .containsExactly(
            "playbook_started",
            "command.issued",
            "container.dispatched",
            "call.done",
            "playbook.completed");
    assertThat(kubernetes.jobsOf(execution)).hasSize(1);
  }

  @Test
  void aCallbackEndsAStepWhoseJobTheClusterStillShowsAsRunning() throws Exception {
    String execution = execute("k/job");
    Job job = kubernetes.jobOf(execution);

    TestClient.Answer answer =
        cluster.post(
            "/api/internal/container-callback/" + execution + "/start",
            Map.of("state", "succeeded", "job_name", job.getMetadata().getName(), "exit_code", 0));

    assertThat(answer.status()).isEqualTo(202);
    assertThat(String.valueOf(client.ended(execution, PATIENCE).get("result")))
        .contains("state=succeeded", "job_uid=" + job.getMetadata().getUid());
  }

  @Test
  void aStepSurvivesTheEndOfItsServerAndItsWorker() throws Exception {
    String execution = execute("k/job");
    Job job = kubernetes.jobOf(execution);
    awaitAside(execution);
    runtime.close();
    kubernetes.end(job, false, 3, null);
    begin();

    Map<String, Object> ended = client.ended(execution, PATIENCE);

    assertThat(String.valueOf(ended.get("error"))).contains("failed", "exit code 3");
    assertThat(kubernetes.jobsOf(execution)).hasSize(1);
  }

  @Test
  void cancellingDeletesTheJob() throws Exception {
    String execution = execute("k/job");
    kubernetes.jobOf(execution);
    awaitAside(execution);

    client.post("/api/executions/" + execution + "/cancel", Map.of()).ok();

    Waiting.until(
        PATIENCE, () -> "the job is deleted", () -> kubernetes.jobsOf(execution).isEmpty());
    assertThat(client.ended(execution, PATIENCE)).containsEntry("status", "CANCELLED");
  }

  @Test
  void aJobThatTakesLongerThanItMayIsDeletedAndFailsItsStep() throws Exception {
    String execution = execute("k/limited");

    assertThat(String.valueOf(client.ended(execution, PATIENCE).get("error")))
        .contains("timed out after 1 s");
    Waiting.until(
        PATIENCE, () -> "the job is deleted", () -> kubernetes.jobsOf(execution).isEmpty());
  }

  @Test
  void theLimitOfAStepIsASoftError() throws Exception {
    String execution = execute("k/step-limit");

    Map<String, Object> ended = client.ended(execution, PATIENCE);

    assertThat(ended).containsEntry("status", "COMPLETED").containsEntry("result", "went on");
    Waiting.until(
        PATIENCE, () -> "the job is deleted", () -> kubernetes.jobsOf(execution).isEmpty());
  }

  @Test
  void aJobThatSomebodyDeletesFailsItsStepAndIsNotStartedAgain() throws Exception {
    String execution = execute("k/job");
    Job job = kubernetes.jobOf(execution);
    awaitAside(execution);

    kubernetes.cluster.resource(job).delete();

    assertThat(String.valueOf(client.ended(execution, PATIENCE).get("error")))
        .contains("somebody has deleted it");
    assertThat(kubernetes.jobsOf(execution)).isEmpty();
  }

  @Test
  void aContainerInASequenceGivesItsSlotToOthers() throws Exception {
    String execution = execute("k/sequence");
    Job job = kubernetes.jobOf(execution);

    assertThat(client.ended(execute("k/quick"), PATIENCE)).containsEntry("status", "COMPLETED");
    kubernetes.end(job, true, 0, null);

    assertThat(String.valueOf(client.ended(execution, PATIENCE).get("result")))
        .contains("was=succeeded");
  }

  @Test
  void theOutputOfAScriptIsReadWhenItHasEnded() throws Exception {
    String execution = execute("k/script");
    Job job = kubernetes.jobOf(execution);
    awaitAside(execution);
    kubernetes
        .server
        .expect()
        .get()
        .withPath(
            "/api/v1/namespaces/default/pods/"
                + job.getMetadata().getName()
                + "-pod/log?pretty=false")
        .andReturn(200, "one\n")
        .always();
    kubernetes.end(job, true, 0, null);
    cluster.post(
        "/api/internal/container-callback/" + execution + "/start",
        Map.of("state", "succeeded", "job_name", job.getMetadata().getName()));

    assertThat(String.valueOf(client.ended(execution, PATIENCE).get("result")))
        .contains("status=completed", "output=one");
  }

  @Test
  void jobsOfOtherInstallationsAreLeftAlone() throws Exception {
    String execution = execute("k/job");
    Job job = kubernetes.jobOf(execution);
    Job foreign =
        new io.fabric8.kubernetes.api.model.batch.v1.JobBuilder(job)
            .editMetadata()
            .withName("noetl-5-00000000")
            .withUid(null)
            .withResourceVersion(null)
            .addToLabels(Map.of("noetl.io/command-id", "5", "noetl.io/execution-id", "4"))
            .endMetadata()
            .build();
    kubernetes.cluster.resource(foreign).create();
    client.post("/api/executions/" + execution + "/cancel", Map.of()).ok();

    Waiting.until(
        PATIENCE, () -> "the job is deleted", () -> kubernetes.jobsOf(execution).isEmpty());
    assertThat(kubernetes.jobsOf("4")).hasSize(1);
    assertThat(List.of(client.ended(execution, PATIENCE).get("status"))).contains("CANCELLED");
  }
}
