package io.noetl.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The cluster in which a worker runs containers and scripts.
 *
 * @param access how it is reached
 * @param kubeconfig with access {@code kubeconfig}: the file that tells address and account
 * @param context of that file; empty = its current one
 * @param namespace where jobs run that name no namespace
 * @param namespaces further ones that a step may name; empty = any
 * @param scriptImage image of scripts that name none
 * @param pollInterval longest time between two looks at a job that a worker watches, and shortest
 *     at one that is put aside
 * @param longestPause longest time between two looks at a job that is put aside
 * @param sweepInterval time between two searches for jobs that nobody waits for any more
 * @param startLimit how long a job may wait until its container runs
 * @param outageLimit how long the cluster may not answer while a job is watched
 * @param keepEnded how long the cluster keeps a job that has ended
 * @param outputLimit bytes of a script's output that a result keeps, the tail
 */
public record KubernetesConfig(
    Access access,
    Optional<Path> kubeconfig,
    Optional<String> context,
    String namespace,
    List<String> namespaces,
    String scriptImage,
    Duration pollInterval,
    Duration longestPause,
    Duration sweepInterval,
    Duration startLimit,
    Duration outageLimit,
    Duration keepEnded,
    long outputLimit) {

  /** How the cluster is reached. */
  public enum Access {
    /** There is none. */
    NONE,
    /** The worker is a pod of it and uses its own account. */
    IN_CLUSTER,
    /** A file tells. */
    KUBECONFIG
  }

  public KubernetesConfig {
    namespaces = List.copyOf(namespaces);
    new Checks("kubernetes")
        .that(
            access != Access.KUBECONFIG || kubeconfig.isPresent(),
            "access",
            "Expected kubernetes.kubeconfig to name a file when kubernetes.access is kubeconfig,"
                + " but it names none")
        .notBlank("namespace", namespace)
        .notBlank("script-image", scriptImage)
        .range("poll-interval", pollInterval, Duration.ofMillis(10), Duration.ofMinutes(10))
        .range("longest-pause", longestPause, Duration.ofMillis(10), Duration.ofHours(1))
        .range("sweep-interval", sweepInterval, Duration.ofMillis(10), Duration.ofHours(1))
        .range("start-limit", startLimit, Duration.ofSeconds(1), Duration.ofHours(24))
        .range("outage-limit", outageLimit, Duration.ofSeconds(1), Duration.ofHours(24))
        .range("keep-ended", keepEnded, Duration.ZERO, Duration.ofDays(30))
        .bytes("output-limit", outputLimit, 1, 1L << 30)
        .done();
  }

  static KubernetesConfig from(Values values) {
    return new KubernetesConfig(
        values.choice(
            "access", Access.NONE, Access.class, "How the cluster for containers is reached"),
        values.optionalPath("kubeconfig", "File that tells address and account of the cluster"),
        values.optionalText("context", "Context of that file; empty: its current one"),
        values.text("namespace", "default", "Namespace of jobs that name none"),
        values.list("namespaces", List.of(), "Further namespaces for jobs; empty: any"),
        values.text("script-image", "python:3.13-slim", "Image of scripts that name none"),
        values.duration("poll-interval", Duration.ofSeconds(5), "Longest time between two looks"),
        values.duration(
            "longest-pause",
            Duration.ofMinutes(1),
            "Longest time between two looks at a job without a slot"),
        values.duration(
            "sweep-interval",
            Duration.ofSeconds(15),
            "Time between two searches for jobs that nobody waits for"),
        values.duration(
            "start-limit", Duration.ofMinutes(5), "How long a job may wait for its container"),
        values.duration(
            "outage-limit", Duration.ofMinutes(2), "How long the cluster may not answer"),
        values.duration("keep-ended", Duration.ofMinutes(5), "How long jobs stay that have ended"),
        values.bytes("output-limit", 1L << 20, "Bytes of a script's output that are kept"));
  }

  /** The values that hold when nothing is set. */
  public static KubernetesConfig defaults() {
    return from(Values.defaults("kubernetes"));
  }
}
