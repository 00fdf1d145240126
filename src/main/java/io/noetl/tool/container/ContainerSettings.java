package io.noetl.tool.container;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Settings of the container and script tools.
 *
 * @param namespace {@code kubernetes.namespace}: where jobs run that name no namespace; default
 *     {@code default}
 * @param namespaces {@code kubernetes.namespaces}: further ones that a step may name; empty = any;
 *     default empty
 * @param scriptImage {@code kubernetes.script-image}: image of scripts that name none; default
 *     {@code python:3.13-slim}
 * @param pollInterval {@code kubernetes.poll-interval}: longest time between two looks at a job
 *     that is watched, and shortest at one that is put aside; default 5 s
 * @param longestPause {@code kubernetes.longest-pause}: longest time between two looks at a job
 *     that is put aside; until then a tenth of its age; default 1 min
 * @param sweepInterval {@code kubernetes.sweep-interval}: time between two searches for jobs that
 *     nobody waits for any more; default 15 s
 * @param startLimit {@code kubernetes.start-limit}: how long a job may wait until its container
 *     runs; default 5 min
 * @param outageLimit {@code kubernetes.outage-limit}: how long the cluster may not answer while a
 *     job is watched; default 2 min
 * @param keepEnded {@code kubernetes.keep-ended}: how long the cluster keeps a job that has ended;
 *     default 5 min
 * @param outputLimit {@code kubernetes.output-limit}: bytes of a script's output that a result
 *     keeps, the tail; default 1 MiB
 */
public record ContainerSettings(
    String namespace,
    List<String> namespaces,
    String scriptImage,
    Duration pollInterval,
    Duration longestPause,
    Duration sweepInterval,
    Duration startLimit,
    Duration outageLimit,
    Duration keepEnded,
    int outputLimit) {

  public static final ContainerSettings DEFAULT =
      new ContainerSettings(
          "default",
          List.of(),
          "python:3.13-slim",
          Duration.ofSeconds(5),
          Duration.ofMinutes(1),
          Duration.ofSeconds(15),
          Duration.ofMinutes(5),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5),
          1 << 20);

  public ContainerSettings {
    Map<String, Duration> times =
        Map.of(
            "poll-interval", pollInterval,
            "longest-pause", longestPause,
            "sweep-interval", sweepInterval,
            "start-limit", startLimit,
            "outage-limit", outageLimit);
    times.forEach(
        (name, time) -> {
          if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(
                "Expected kubernetes." + name + " to be positive, but it is " + time);
          }
        });
    if (keepEnded.isNegative() || outputLimit < 1) {
      throw new IllegalArgumentException(
          "Expected kubernetes.keep-ended not to be negative and kubernetes.output-limit to be"
              + " positive, but they are "
              + keepEnded
              + " and "
              + outputLimit);
    }
    namespaces = List.copyOf(namespaces);
  }

  public ContainerSettings withLimits(Duration poll, Duration start, Duration outage) {
    return new ContainerSettings(
        namespace,
        namespaces,
        scriptImage,
        poll,
        longestPause,
        sweepInterval,
        start,
        outage,
        keepEnded,
        outputLimit);
  }

  public ContainerSettings withNamespaces(List<String> allowed) {
    return new ContainerSettings(
        namespace,
        allowed,
        scriptImage,
        pollInterval,
        longestPause,
        sweepInterval,
        startLimit,
        outageLimit,
        keepEnded,
        outputLimit);
  }

  public ContainerSettings withOutputLimit(int bytes) {
    return new ContainerSettings(
        namespace,
        namespaces,
        scriptImage,
        pollInterval,
        longestPause,
        sweepInterval,
        startLimit,
        outageLimit,
        keepEnded,
        bytes);
  }
}
