package io.noetl.testing;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The API server that comes with the Kubernetes client library: it keeps what it is sent, and a
 * test plays the cluster that runs jobs.
 */
public final class TestKubernetes implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** It tells every request; held, because levels go with loggers that nobody holds. */
  private static final Logger SERVER_LOG = Logger.getLogger("io.fabric8.mockwebserver");

  public final KubernetesMockServer server;
  public final KubernetesClient cluster;

  public TestKubernetes() {
    SERVER_LOG.setLevel(Level.WARNING);
    Map<ServerRequest, Queue<ServerResponse>> responses = new HashMap<>();
    server =
        new KubernetesMockServer(
            new Context(),
            new MockWebServer(),
            responses,
            new KubernetesMixedDispatcher(responses),
            false);
    server.init();
    cluster =
        server.createClient(
            builder ->
                builder
                    .withHttpClientFactory(new JdkHttpClientFactory())
                    .editOrNewConfig()
                    .withHttp2Disable(true)
                    .endConfig());
  }

  /** Writes what tells a worker how to reach it. */
  public Path kubeconfig(Path folder) throws IOException {
    return Files.writeString(
        folder.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "%s"}}]
        users: [{name: u, user: {token: t}}]
        contexts: [{name: x, context: {cluster: c, user: u}}]
        current-context: x
        """
            .formatted(server.url("/")));
  }

  /** All jobs there are. */
  public List<Job> jobs() {
    return cluster.batch().v1().jobs().inAnyNamespace().list().getItems();
  }

  /** Jobs that an execution has started. */
  public List<Job> jobsOf(String executionId) {
    return cluster
        .batch()
        .v1()
        .jobs()
        .inAnyNamespace()
        .withLabel("noetl.io/execution-id", executionId)
        .list()
        .getItems();
  }

  /** The only job of an execution, once it is there. */
  public Job jobOf(String executionId) {
    Waiting.until(
        PATIENCE,
        () -> "execution " + executionId + " has a job",
        () -> jobsOf(executionId).size() == 1);
    return jobsOf(executionId).getFirst();
  }

  /** What the cluster does when the container of the job has ended. */
  public void end(Job job, boolean well, int exitCode, @Nullable String why) {
    endPod(job, well, exitCode, why);
    String namespace = job.getMetadata().getNamespace();
    String name = job.getMetadata().getName();
    cluster
        .batch()
        .v1()
        .jobs()
        .inNamespace(namespace)
        .withName(name)
        .editStatus(
            ended -> {
              ended.setStatus(
                  new JobStatusBuilder()
                      .withStartTime("2026-11-24T10:00:00Z")
                      .withCompletionTime(well ? "2026-11-24T10:00:02Z" : null)
                      .withSucceeded(well ? 1 : null)
                      .withFailed(well ? null : 1)
                      .withConditions(
                          new JobConditionBuilder()
                              .withType(well ? "Complete" : "Failed")
                              .withStatus("True")
                              .withReason(well ? null : "BackoffLimitExceeded")
                              .withLastTransitionTime("2026-11-24T10:00:03Z")
                              .build())
                      .build());
              return ended;
            });
  }

  /** What the cluster says of the container of a job that has ended. */
  private void endPod(Job job, boolean well, int exitCode, @Nullable String why) {
    String namespace = job.getMetadata().getNamespace();
    String name = job.getMetadata().getName();
    cluster
        .pods()
        .inNamespace(namespace)
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(name + "-pod")
                .addToLabels("job-name", name)
                .endMetadata()
                .withNewStatus()
                .withPhase(well ? "Succeeded" : "Failed")
                .addNewContainerStatus()
                .withName("main")
                .withNewState()
                .withNewTerminated()
                .withExitCode(exitCode)
                .withReason(why == null ? (well ? "Completed" : "Error") : why)
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build())
        .create();
  }

  @Override
  public void close() {
    cluster.close();
    server.destroy();
  }
}
