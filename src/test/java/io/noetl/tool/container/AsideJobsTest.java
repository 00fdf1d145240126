package io.noetl.tool.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.playbook.value.ParkedJob;
import io.noetl.testing.TestKubernetes;
import io.noetl.tool.Calls;
import io.noetl.tool.PutAside;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolCall.Aside;
import io.noetl.tool.noop.NoopExecutor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are put aside, against the API server that comes with the client library. */
@Timeout(60)
@Rule({"9.14", "9.15"})
class AsideJobsTest {
  private static final ContainerSettings SETTINGS =
      ContainerSettings.DEFAULT.withLimits(
          Duration.ofMillis(500), Duration.ofMinutes(5), Duration.ofMinutes(2));

  @TempDir Path temp;
  private TestKubernetes kubernetes;
  private ContainerExecutor executor;

  @BeforeEach
  void start() throws Exception {
    kubernetes = new TestKubernetes();
    executor =
        new ContainerExecutor(
            SETTINGS,
            Optional.of(
                new ClusterAccess.Kubeconfig(kubernetes.kubeconfig(temp), Optional.empty())),
            new NoopExecutor(),
            new ContainerExecutor.Slots() {
              @Override
              public <T> T without(ContainerExecutor.Waiting<T> wait) {
                throw new AssertionError("nothing waits here");
              }
            });
  }

  @AfterEach
  void stop() {
    executor.close();
    kubernetes.close();
  }

  private static ToolCall call(
      Map<String, Object> fields, Map<String, @Nullable Object> earlier, @Nullable Duration step) {
    ToolCall plain = Calls.of(ToolKind.CONTAINER, fields);
    return new ToolCall(
        plain.kind(),
        plain.fields(),
        plain.input(),
        plain.identity(),
        plain.names(),
        step,
        plain.log(),
        new Aside(earlier, step));
  }

  private PutAside begun(Map<String, Object> fields) {
    return aside(call(fields, Map.of(), null));
  }

  private PutAside aside(ToolCall call) {
    PutAside aside = catchThrowableOfType(PutAside.class, () -> executor.run(call));
    assertThat(aside).as("put aside").isNotNull();
    return aside;
  }

  private PutAside again(Map<String, @Nullable Object> earlier) {
    return aside(call(Map.of(), earlier, null));
  }

  private Outcome look(Map<String, @Nullable Object> earlier) throws InterruptedException {
    return executor.run(call(Map.of(), earlier, null));
  }

  /** As it would be had the job been started that long ago. */
  private static Map<String, @Nullable Object> older(
      Map<String, @Nullable Object> job, Duration age) {
    Map<String, @Nullable Object> older = new HashMap<>(job);
    older.put("since_ms", System.currentTimeMillis() - age.toMillis());
    return older;
  }

  private static String message(Outcome outcome) {
    return String.valueOf(outcome.error().get("message"));
  }

  private void pod(Job job, boolean runs) {
    kubernetes
        .cluster
        .pods()
        .inNamespace("default")
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName("p")
                .addToLabels("job-name", job.getMetadata().getName())
                .endMetadata()
                .withNewStatus()
                .addNewContainerStatus()
                .withNewState()
                .withRunning(
                    runs ? new io.fabric8.kubernetes.api.model.ContainerStateRunning() : null)
                .endState()
                .endContainerStatus()
                .endStatus()
                .build())
        .create();
  }

  @Test
  void aCommandWhoseWorkerDiedAfterTheStartFindsItsJob() {
    Map<String, Object> fields = Map.of("image", "alpine");
    ParkedJob first = ParkedJob.fromMap(begun(fields).goesOn());
    ParkedJob second = ParkedJob.fromMap(begun(fields).goesOn());

    assertThat(second.uid()).isEqualTo(first.uid());
    assertThat(second.name()).isEqualTo(first.name());
    assertThat(kubernetes.jobs()).hasSize(1);
  }

  @Test
  void aJobThatRunsIsLookedAtAgainAfterATenthOfItsAge() {
    PutAside begun = begun(Map.of("image", "alpine"));
    pod(kubernetes.jobs().getFirst(), true);

    assertThat(begun.look()).isEqualTo(Duration.ofMillis(500));
    assertThat(again(begun.goesOn()).look()).isEqualTo(Duration.ofMillis(500));
    assertThat(again(older(begun.goesOn(), Duration.ofSeconds(100))).look())
        .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(12));
    // No later than a minute, nor than a third of the time for which the cluster keeps it.
    assertThat(again(older(begun.goesOn(), Duration.ofHours(10))).look())
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(ParkedJob.fromMap(again(begun.goesOn()).goesOn()).ran()).isTrue();
  }

  @Test
  void theNextLookIsNoLaterThanTheLimit() {
    PutAside begun = begun(Map.of("image", "alpine", "timeout_seconds", 120L));

    assertThat(again(older(begun.goesOn(), Duration.ofMillis(119_800))).look())
        .isLessThanOrEqualTo(Duration.ofMillis(200));
  }

  @Test
  void anEndedJobIsTheOutcomeOfALook() throws Exception {
    PutAside begun = begun(Map.of("image", "alpine"));
    kubernetes.end(kubernetes.jobs().getFirst(), true, 0, null);

    Outcome outcome = look(begun.goesOn());

    assertThat(outcome.status()).isEqualTo(Status.SUCCESS);
    assertThat(String.valueOf(outcome.data())).contains("state=succeeded", "exit_code=0");
  }

  @Test
  void aLookAfterTheLimitDeletesTheJob() throws Exception {
    PutAside begun = begun(Map.of("image", "alpine", "timeout_seconds", 5L));

    Outcome outcome = look(older(begun.goesOn(), Duration.ofSeconds(6)));

    assertThat(outcome.status()).isEqualTo(Status.TIMEOUT);
    assertThat(outcome.hard()).isTrue();
    assertThat(message(outcome)).contains("timed out after 5 s");
    assertThat(kubernetes.jobs()).isEmpty();
  }

  @Test
  void theLimitOfTheStepIsSoft() throws Exception {
    PutAside begun =
        aside(
            call(
                Map.of("image", "alpine", "timeout_seconds", 50L),
                Map.of(),
                Duration.ofSeconds(5)));

    Outcome outcome = look(older(begun.goesOn(), Duration.ofSeconds(6)));

    assertThat(outcome.hard()).isFalse();
    assertThat(message(outcome)).isEqualTo("Step timed out after 5 s");
  }

  @Test
  void aJobWhoseContainerNeverRanIsDeletedAfterTheStartLimit() throws Exception {
    PutAside begun = begun(Map.of("image", "alpine"));

    Outcome outcome = look(older(begun.goesOn(), Duration.ofMinutes(6)));

    assertThat(message(outcome)).contains("300 s (kubernetes.start-limit)");
    assertThat(kubernetes.jobs()).isEmpty();
  }

  @Test
  void oneThatHasRunMayWaitForItsNextPodForLonger() {
    PutAside begun = begun(Map.of("image", "alpine"));
    Map<String, @Nullable Object> ran = new HashMap<>(older(begun.goesOn(), Duration.ofMinutes(9)));
    ran.put("ran", true);

    assertThat(again(ran).goesOn()).containsEntry("ran", true);
  }

  @Test
  void aClusterThatDoesNotAnswerIsBorneForAWhile() throws Exception {
    PutAside begun = begun(Map.of("image", "alpine"));
    kubernetes.server.shutdown();

    Map<String, @Nullable Object> silent = again(begun.goesOn()).goesOn();
    assertThat(ParkedJob.fromMap(silent).silentSinceMs()).isNotNull();
    Map<String, @Nullable Object> tooLong = new HashMap<>(silent);
    tooLong.put("silent_since_ms", System.currentTimeMillis() - 121_000);

    Outcome outcome = look(tooLong);
    assertThat(message(outcome)).contains("Expected the cluster to tell how job");
    assertThat(outcome.error()).containsEntry("retryable", true);
  }

  @Test
  void aSweepDeletesWhatHasEndedAndLeavesTheRest() throws Exception {
    begun(Map.of("image", "alpine"));
    begun(Map.of("image", "busybox"));
    String command = Calls.of(ToolKind.CONTAINER, Map.of()).identity().commandId();

    executor.sweep(executions -> Set.of());
    assertThat(kubernetes.jobs()).hasSize(2);
    kubernetes.end(kubernetes.jobs().getFirst(), true, 0, null);
    executor.sweep(
        executions -> {
          assertThat(executions).containsOnlyKeys(command);
          return Set.of(command);
        });

    // What has ended by itself stays for people to look at.
    assertThat(kubernetes.jobs()).hasSize(1);
    assertThat(List.of(kubernetes.jobs().getFirst().getStatus().getSucceeded())).contains(1);
  }
}
