package io.noetl.tool.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.testing.TestKubernetes;
import io.noetl.tool.Calls;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.noop.NoopExecutor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sections 9.14 and 9.15, against the API server that comes with the client library. */
@Timeout(60)
@Rule({"9.14", "9.15"})
class ContainerExecutorTest {
  private static final ContainerSettings QUICK =
      ContainerSettings.DEFAULT.withLimits(
          Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofSeconds(2));

  private static final ContainerExecutor.Slots HOLD =
      new ContainerExecutor.Slots() {
        @Override
        public <T> T without(ContainerExecutor.Waiting<T> wait) throws InterruptedException {
          return wait.await();
        }
      };

  @TempDir Path temp;
  private TestKubernetes kubernetes;
  private KubernetesMockServer server;
  private KubernetesClient cluster;
  private ContainerExecutor executor;

  @BeforeEach
  void start() throws Exception {
    kubernetes = new TestKubernetes();
    server = kubernetes.server;
    cluster = kubernetes.cluster;
    executor = executor(QUICK);
  }

  @AfterEach
  void stop() {
    executor.close();
    kubernetes.close();
  }

  private ContainerExecutor executor(ContainerSettings settings) throws Exception {
    Path file = kubernetes.kubeconfig(temp);
    return new ContainerExecutor(
        settings,
        Optional.of(new ClusterAccess.Kubeconfig(file, Optional.empty())),
        new NoopExecutor(),
        HOLD);
  }

  /** A call that runs in a thread of its own. */
  private record Running(Thread thread, CompletableFuture<Outcome> end) {
    Outcome outcome() throws Exception {
      return end.get(20, TimeUnit.SECONDS);
    }
  }

  private static Running begin(ContainerExecutor executor, ToolCall call) {
    CompletableFuture<Outcome> end = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    end.complete(executor.run(call));
                  } catch (InterruptedException | RuntimeException e) {
                    end.completeExceptionally(e);
                  }
                });
    return new Running(thread, end);
  }

  private static ToolCall container(Map<String, Object> fields) {
    return Calls.of(ToolKind.CONTAINER, fields);
  }

  @Test
  void inputIsInTheEnvironmentUnlessTheAuthorWroteTheVariable() throws Exception {
    Map<String, Object> fields = Map.of("image", "alpine:3", "env", Map.of("INPUT_MINE", "own"));
    Map<String, Object> input = Map.of("row-id", 7L, "tags", List.of("a"), "mine", "other");
    Running call = begin(executor, Calls.of(ToolKind.CONTAINER, fields, input));
    Job job = job();

    assertThat(job.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv())
        .extracting(variable -> variable.getName() + "=" + variable.getValue())
        .containsExactlyInAnyOrder("INPUT_MINE=own", "INPUT_ROW_ID=7", "INPUT_TAGS=[\"a\"]");
    end(job, true, 0, null);
    assertThat(call.outcome().status()).isEqualTo(Status.SUCCESS);
  }

  private static ToolCall attempt(ToolCall call, int attempt) {
    Identity own = call.identity();
    return new ToolCall(
        call.kind(),
        call.fields(),
        call.input(),
        new Identity(
            own.executionId(),
            own.commandId(),
            own.step(),
            attempt,
            own.serverUrl(),
            own.workerId()),
        call.names(),
        call.timeout(),
        call.log());
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.yield();
    }
  }

  private List<Job> jobs() {
    return cluster.batch().v1().jobs().inAnyNamespace().list().getItems();
  }

  private Job job() throws Exception {
    await(() -> jobs().size() == 1);
    return jobs().getFirst();
  }

  private void end(Job job, boolean well, int exitCode, @Nullable String why) {
    kubernetes.end(job, well, exitCode, why);
  }

  private static String message(Outcome outcome) {
    assertThat(outcome.hard()).as("%s", outcome).isTrue();
    return String.valueOf(outcome.error().get("message"));
  }

  @Test
  @DisplayName("E43: without a cluster containers and scripts are refused")
  void withoutAClusterContainersAndScriptsAreRefused() throws Exception {
    try (ContainerExecutor none =
        new ContainerExecutor(QUICK, Optional.empty(), new NoopExecutor(), HOLD)) {
      for (ToolKind kind : List.of(ToolKind.CONTAINER, ToolKind.SCRIPT)) {
        Outcome outcome = none.run(Calls.of(kind, Map.of("image", "alpine")));

        assertThat(message(outcome)).isEqualTo("container execution is not configured");
        assertThat(outcome.error()).containsEntry("kind", "configuration");
      }
    }
  }

  @Test
  void aContainerBecomesAJobThatIsWatchedToItsEnd() throws Exception {
    Running call =
        begin(
            executor,
            container(
                Map.of(
                    "image",
                    "alpine:3",
                    "command",
                    List.of("sort", "-n"),
                    "args",
                    List.of("file", 7L),
                    "env",
                    Map.of("LEVEL", 3L),
                    "resources",
                    Map.of("limits", Map.of("cpu", "500m")),
                    "node_selector",
                    Map.of("disk", "ssd"),
                    "tolerations",
                    List.of(Map.of("key", "gpu", "operator", "Exists")),
                    "backoff_limit",
                    2L)));
    Job job = job();
    PodSpec pod = job.getSpec().getTemplate().getSpec();
    Container main = pod.getContainers().getFirst();
    assertThat(job.getMetadata().getNamespace()).isEqualTo("default");
    assertThat(job.getMetadata().getName()).startsWith("noetl-987654321-");
    assertThat(job.getMetadata().getLabels())
        .containsEntry("noetl.io/execution-id", "123456789")
        .containsEntry("noetl.io/step", "start");
    assertThat(job.getSpec().getBackoffLimit()).isEqualTo(2);
    assertThat(job.getSpec().getTtlSecondsAfterFinished()).isEqualTo(300);
    assertThat(job.getSpec().getActiveDeadlineSeconds()).isNull();
    assertThat(pod.getRestartPolicy()).isEqualTo("Never");
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getNodeSelector()).containsEntry("disk", "ssd");
    assertThat(pod.getTolerations().getFirst().getKey()).isEqualTo("gpu");
    assertThat(main.getImage()).isEqualTo("alpine:3");
    assertThat(main.getCommand()).containsExactly("sort", "-n");
    assertThat(main.getArgs()).containsExactly("file", "7");
    assertThat(main.getEnv().getFirst().getValue()).isEqualTo("3");
    assertThat(main.getResources().getLimits()).containsEntry("cpu", new Quantity("500m"));

    end(job, true, 0, null);

    Outcome outcome = call.outcome();
    assertThat(outcome.status()).isEqualTo(Status.SUCCESS);
    Map<?, ?> data = (Map<?, ?>) outcome.data();
    assertThat(data.keySet())
        .hasToString("[job_name, job_uid, namespace, labels, state, exit_code, completed_at]");
    assertThat(data.get("job_name")).isEqualTo(job.getMetadata().getName());
    assertThat(data.get("job_uid")).isEqualTo(job.getMetadata().getUid());
    assertThat(data.get("state")).isEqualTo("succeeded");
    assertThat(data.get("exit_code")).isEqualTo(0L);
    assertThat(data.get("completed_at")).isEqualTo("2026-11-24T10:00:02Z");
  }

  @Test
  void aFailedJobIsAHardErrorThatTellsWhy() throws Exception {
    Running call = begin(executor, container(Map.of("image", "alpine", "timeout_seconds", 50L)));
    Job job = job();
    assertThat(job.getSpec().getActiveDeadlineSeconds()).isEqualTo(50);

    end(job, false, 137, "OOMKilled");

    Outcome outcome = call.outcome();
    assertThat(message(outcome)).contains(job.getMetadata().getName(), "OOMKilled", "137");
    assertThat(outcome.error()).containsEntry("kind", "job").containsEntry("code", "JOB_FAILED");
    Map<?, ?> details = (Map<?, ?>) outcome.error().get("details");
    assertThat(details.get("state")).isEqualTo("failed");
    assertThat(details.get("reason")).isEqualTo("OOMKilled");
    assertThat(details.get("exit_code")).isEqualTo(137L);
    assertThat(details.get("completed_at")).isEqualTo("2026-11-24T10:00:03Z");
  }

  @Test
  void anInterruptDeletesTheJob() throws Exception {
    Running call = begin(executor, container(Map.of("image", "alpine")));
    job();

    call.thread().interrupt();

    assertThat(call.end()).failsWithin(Duration.ofSeconds(20));
    assertThat(call.end().exceptionNow()).isInstanceOf(InterruptedException.class);
    await(() -> jobs().isEmpty());
  }

  @Test
  void aJobThatTakesTooLongIsDeleted() throws Exception {
    ToolCall call = container(Map.of("image", "alpine"));

    Outcome outcome = executor.run(Calls.withTimeout(call, Duration.ofMillis(1500)));

    assertThat(message(outcome)).contains("timed out after 1.5 s");
    assertThat(outcome.status()).isEqualTo(Status.TIMEOUT);
    assertThat(outcome.error()).containsEntry("kind", "timeout");
    assertThat(jobs()).isEmpty();
  }

  @Test
  void aJobWhoseContainerDoesNotStartIsDeleted() throws Exception {
    try (ContainerExecutor impatient =
        executor(
            ContainerSettings.DEFAULT.withLimits(
                Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ofSeconds(2)))) {
      Running call = begin(impatient, container(Map.of("image", "no/such:image")));
      Job job = job();
      cluster
          .pods()
          .inNamespace("default")
          .resource(
              new PodBuilder()
                  .withNewMetadata()
                  .withName("pulling")
                  .addToLabels("job-name", job.getMetadata().getName())
                  .endMetadata()
                  .withNewStatus()
                  .addNewContainerStatus()
                  .withNewState()
                  .withNewWaiting()
                  .withReason("ImagePullBackOff")
                  .withMessage("no such image")
                  .endWaiting()
                  .endState()
                  .endContainerStatus()
                  .endStatus()
                  .build())
          .create();

      assertThat(message(call.outcome()))
          .contains("2 s (kubernetes.start-limit)", "ImagePullBackOff: no such image");
      assertThat(jobs()).isEmpty();
    }
  }

  @Test
  void aRepeatedCommandTakesOverTheJobOfTheFirstAttempt() throws Exception {
    ToolCall call = container(Map.of("image", "alpine"));
    Running first = begin(executor, attempt(call, 1));
    Job job = job();

    try (ContainerExecutor other = executor(QUICK)) {
      Running second = begin(other, attempt(call, 2));
      await(() -> "2".equals(jobs().getFirst().getMetadata().getLabels().get(JobPlan.ATTEMPT)));
      first.thread().interrupt();
      assertThat(first.end()).failsWithin(Duration.ofSeconds(20));
      assertThat(jobs()).hasSize(1);

      end(job, true, 0, null);

      assertThat(((Map<?, ?>) second.outcome().data()).get("job_uid"))
          .isEqualTo(job.getMetadata().getUid());
    }
  }

  @Test
  void aRepetitionWithinTheCommandStartsAnotherJob() throws Exception {
    ToolCall call = container(Map.of("image", "alpine"));
    Running first = begin(executor, call);
    Job job = job();
    end(job, false, 1, null);
    assertThat(message(first.outcome())).contains("exit code 1", "BackoffLimitExceeded");

    Running second = begin(executor, call);
    await(() -> jobs().size() == 2);
    Job other =
        cluster
            .batch()
            .v1()
            .jobs()
            .inNamespace("default")
            .withName(job.getMetadata().getName() + "-2")
            .get();
    end(other, true, 0, null);

    assertThat(second.outcome().succeeded()).isTrue();
  }

  @Test
  void aJobThatSomebodyDeletesIsAHardError() throws Exception {
    Running call = begin(executor, container(Map.of("image", "alpine")));
    Job job = job();

    cluster.resource(job).delete();

    assertThat(message(call.outcome())).contains("somebody has deleted it");
  }

  @Test
  void aScriptIsMountedAndItsOutputIsData() throws Exception {
    Map<String, Object> fields =
        Map.of(
            "script",
            Map.of("uri", "job.py", "source", Map.of("type", "inline", "code", "print(1)")),
            "job",
            Map.of(
                "namespace",
                "etl",
                "backoffLimit",
                1L,
                "ttlSecondsAfterFinished",
                60L,
                "install_dependencies",
                List.of("requests", "x; rm"),
                "env",
                List.of(Map.of("name", "MODE", "value", "fast"))));
    Running call = begin(executor, Calls.of(ToolKind.SCRIPT, fields, Map.of("n", 5L)));
    Job job = job();
    String name = job.getMetadata().getName();
    Container main = job.getSpec().getTemplate().getSpec().getContainers().getFirst();
    assertThat(job.getMetadata().getNamespace()).isEqualTo("etl");
    assertThat(job.getSpec().getBackoffLimit()).isEqualTo(1);
    assertThat(job.getSpec().getTtlSecondsAfterFinished()).isEqualTo(60);
    assertThat(job.getSpec().getActiveDeadlineSeconds()).isEqualTo(600);
    assertThat(main.getImage()).isEqualTo("python:3.13-slim");
    assertThat(main.getCommand().getLast()).isEqualTo("x; rm");
    assertThat(main.getCommand().get(2)).endsWith("&& exec python3 /noetl/script.py");
    assertThat(main.getEnv())
        .extracting("name")
        .containsExactly("MODE", "NOETL_INPUT_FILE", "NOETL_EXECUTION_ID", "NOETL_STEP");
    assertThat(main.getVolumeMounts().getFirst().getMountPath()).isEqualTo("/noetl");
    await(
        () ->
            !cluster
                .configMaps()
                .inNamespace("etl")
                .withName(name)
                .get()
                .getMetadata()
                .getOwnerReferences()
                .isEmpty());
    ConfigMap files = cluster.configMaps().inNamespace("etl").withName(name).get();
    assertThat(files.getData())
        .containsEntry("script.py", "print(1)")
        .containsEntry("input.json", "{\"n\":5}");
    assertThat(files.getMetadata().getOwnerReferences().getFirst().getUid())
        .isEqualTo(job.getMetadata().getUid());
    server
        .expect()
        .get()
        .withPath("/api/v1/namespaces/etl/pods/" + name + "-pod/log?pretty=false")
        .andReturn(200, "one\ntwo\n")
        .always();

    end(job, true, 0, null);

    Outcome outcome = call.outcome();
    assertThat(outcome.error()).isNull();
    assertThat(outcome.data())
        .isEqualTo(
            Map.of(
                "status",
                "completed",
                "job_name",
                name,
                "namespace",
                "etl",
                "pod_name",
                name + "-pod",
                "execution_time",
                2.0,
                "output",
                "one\ntwo\n",
                "succeeded",
                1L,
                "failed",
                0L,
                "exit_code",
                0L));
  }

  @Test
  void aShellScriptRunsInAShellAndWithoutOutputThereIsNone() throws Exception {
    Path file = Files.writeString(temp.resolve("run.sh"), "exit 4");
    Map<String, Object> script = Map.of("uri", file.toString(), "source", Map.of("type", "file"));
    Running call = begin(executor, Calls.of(ToolKind.SCRIPT, Map.of("script", script)));
    Job job = job();
    assertThat(job.getSpec().getTemplate().getSpec().getContainers().getFirst().getCommand())
        .containsExactly("sh", "/noetl/script.sh");
    server
        .expect()
        .get()
        .withPath(
            "/api/v1/namespaces/default/pods/"
                + job.getMetadata().getName()
                + "-pod/log?pretty=false")
        .andReturn(404, "{}")
        .always();

    end(job, false, 4, null);

    Outcome outcome = call.outcome();
    assertThat(message(outcome)).contains("exit code 4");
    Map<?, ?> details = (Map<?, ?>) outcome.error().get("details");
    assertThat(details.get("status")).isEqualTo("failed");
    assertThat(details.containsKey("output")).isFalse();
    assertThat(details.get("failed")).isEqualTo(1L);
  }

  @Test
  void aJobThatTheClusterRefusesLeavesNothingBehind() throws Exception {
    server
        .expect()
        .post()
        .withPath("/apis/batch/v1/namespaces/default/jobs")
        .andReturn(
            403,
            "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Failure\","
                + " \"message\": \"jobs are forbidden\", \"code\": 403}")
        .always();

    Outcome outcome = executor.run(Calls.of(ToolKind.SCRIPT, Map.of("code", "print(1)")));

    assertThat(message(outcome))
        .contains("Expected the cluster to start a job in namespace default", "are forbidden");
    assertThat(outcome.error())
        .containsEntry("code", "KUBERNETES_403")
        .containsEntry("retryable", false);
    assertThat(cluster.configMaps().inNamespace("default").list().getItems()).isEmpty();
  }

  @Test
  void fieldsThatCannotBeUsedAreHardErrors() throws Exception {
    assertThat(message(executor.run(container(Map.of())))).contains("missing field 'image'");
    assertThat(message(executor.run(container(Map.of("image", "a", "command", "ls")))))
        .contains("'command' to be a list");
    assertThat(message(executor.run(container(Map.of("image", "a", "restart_policy", "Always")))))
        .contains("Never or OnFailure");
    assertThat(message(executor.run(container(Map.of("image", "a", "backoff_limit", -1L)))))
        .contains("'backoff_limit'");
    assertThat(message(executor.run(Calls.of(ToolKind.SCRIPT, Map.of()))))
        .contains("Invalid script config: missing field 'code'");
    assertThat(
            message(executor.run(Calls.of(ToolKind.SCRIPT, Map.of("code", "x".repeat(1_000_001))))))
        .contains("at most 1000000 bytes");
    try (ContainerExecutor strict = executor(QUICK.withNamespaces(List.of("etl")))) {
      assertThat(message(strict.run(container(Map.of("image", "a", "namespace", "kube-system")))))
          .contains("kubernetes.namespaces", "'kube-system'");
    }
    assertThat(jobs()).isEmpty();
  }

  @Test
  void aClusterThatDoesNotAnswerIsAHardErrorThatMayPass() throws Exception {
    Running call = begin(executor, container(Map.of("image", "alpine")));
    job();
    server.destroy();

    Outcome outcome = call.outcome();
    assertThat(message(outcome)).contains("Expected the cluster to tell how job");
    assertThat(outcome.error()).containsEntry("retryable", true);

    Outcome next = executor.run(container(Map.of("image", "alpine")));
    assertThat(message(next)).contains("Expected the cluster to start a job");
    assertThat(next.error()).containsEntry("kind", "connection").containsEntry("retryable", true);
  }

  @Test
  void anAccessThatCannotBeUsedIsAHardError() throws Exception {
    try (ContainerExecutor lost =
        new ContainerExecutor(
            QUICK,
            Optional.of(
                new ClusterAccess.Kubeconfig(temp.resolve("no-such-file"), Optional.empty())),
            new NoopExecutor(),
            HOLD)) {
      assertThat(message(lost.run(container(Map.of("image", "alpine")))))
          .contains("kubernetes.access");
    }
  }
}
