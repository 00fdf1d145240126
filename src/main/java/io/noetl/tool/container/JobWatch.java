package io.noetl.tool.container;

import io.noetl.playbook.value.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Looks at one job until it has ended. Confined to one thread. */
final class JobWatch {
  private static final System.Logger LOG = System.getLogger(JobWatch.class.getName());

  private final Cluster cluster;
  private final ContainerSettings settings;
  private final JobRef job;
  private final long start = System.nanoTime();

  JobWatch(Cluster cluster, ContainerSettings settings, JobRef job) {
    this.cluster = cluster;
    this.settings = settings;
    this.job = job;
  }

  /** How the watching ended: the job's own end, or an outcome that is known without it. */
  sealed interface Result {
    record Ended(JobState.Ended end) implements Result {}

    /**
     * @param delete whether the job may still be there
     */
    record Given(Outcome outcome, boolean delete) implements Result {}
  }

  /**
   * @param limit how long the job may take; null = as long as it wants
   */
  Result end(@Nullable Duration limit) throws InterruptedException {
    // First: what changes after the first look must not be missed.
    try (Cluster.Changes changes = cluster.changes(job)) {
      return end(limit, changes);
    }
  }

  private Result end(@Nullable Duration limit, Cluster.Changes changes)
      throws InterruptedException {
    long answered = start;
    boolean ran = false;
    while (true) {
      try {
        JobState state = cluster.look(job);
        answered = System.nanoTime();
        switch (state) {
          case JobState.Ended end -> {
            return new Result.Ended(end);
          }
          case JobState.Gone _ -> {
            return new Result.Given(JobOutcomes.gone(job), false);
          }
          case JobState.Running _ -> ran = true;
          case JobState.Waiting(String why) -> {
            if (!ran && passed(start, settings.startLimit())) {
              return new Result.Given(
                  JobOutcomes.neverStarted(job, settings.startLimit(), why), true);
            }
          }
        }
      } catch (ClusterException e) {
        if (!e.passing() || passed(answered, settings.outageLimit())) {
          String what =
              "Expected the cluster to tell how job " + JobOutcomes.shown(job) + " stands, but";
          return new Result.Given(JobOutcomes.refused(what, e), true);
        }
        LOG.log(System.Logger.Level.DEBUG, "the cluster does not answer; it is asked again", e);
      }
      if (limit != null && passed(start, limit)) {
        return new Result.Given(JobOutcomes.timedOut(job, limit), true);
      }
      changes.await(pause(limit));
    }
  }

  private Duration pause(@Nullable Duration limit) {
    Duration pause = settings.pollInterval();
    if (limit == null) {
      return pause;
    }
    Duration left = Duration.ofNanos(start + limit.toNanos() - System.nanoTime());
    return left.compareTo(pause) < 0 ? Duration.ofMillis(Math.max(1, left.toMillis())) : pause;
  }

  private static boolean passed(long since, Duration limit) {
    return System.nanoTime() - since >= limit.toNanos();
  }
}
