package io.noetl.tool.container;

import io.noetl.playbook.value.ParkedJob;
import io.noetl.tool.PutAside;
import java.time.Duration;

/** Looks once at jobs that were put aside, and puts those aside again that go on. Stateless. */
final class AsideJobs {
  private static final System.Logger LOG = System.getLogger(AsideJobs.class.getName());

  /** A job is looked at again after this part of its age. */
  private static final int PART_OF_AGE = 10;

  private final ContainerSettings settings;

  AsideJobs(ContainerSettings settings) {
    this.settings = settings;
  }

  static JobRef ref(ParkedJob job) {
    return new JobRef(job.namespace(), job.name(), job.uid(), job.labels());
  }

  /** The job was started, or found again. */
  PutAside begun(JobRef job, JobPlan plan, boolean stepLimit) {
    return aside(
        new ParkedJob(
            job.namespace(),
            job.name(),
            job.uid(),
            job.labels(),
            System.currentTimeMillis(),
            null,
            false,
            plan.limit(),
            stepLimit,
            longestPause(plan)),
        0);
  }

  /** An end must be seen before the cluster has forgotten the job. */
  private Duration longestPause(JobPlan plan) {
    Duration kept =
        plan.job().get("ttlSecondsAfterFinished") instanceof Number seconds
            ? Duration.ofSeconds(seconds.longValue()).dividedBy(3)
            : settings.longestPause();
    Duration shorter = kept.compareTo(settings.longestPause()) < 0 ? kept : settings.longestPause();
    return shorter.compareTo(settings.pollInterval()) < 0 ? settings.pollInterval() : shorter;
  }

  /**
   * How the job ended.
   *
   * @throws PutAside when it goes on
   */
  JobWatch.Result look(Cluster cluster, ParkedJob job) throws InterruptedException {
    long now = System.currentTimeMillis();
    long age = Math.max(0, now - job.sinceMs());
    JobRef ref = ref(job);
    JobState state;
    try {
      state = cluster.look(ref);
    } catch (ClusterException e) {
      ParkedJob unseen = job.unseen(now);
      Long since = unseen.silentSinceMs();
      boolean borne =
          e.passing() && since != null && now - since < settings.outageLimit().toMillis();
      if (!borne) {
        return new JobWatch.Result.Given(
            JobOutcomes.refused(
                "Expected the cluster to tell how job " + JobOutcomes.shown(ref) + " stands, but",
                e),
            true);
      }
      LOG.log(System.Logger.Level.DEBUG, "the cluster does not answer; it is asked again", e);
      return goesOn(unseen, age);
    }
    return switch (state) {
      case JobState.Ended end -> new JobWatch.Result.Ended(end);
      case JobState.Gone _ -> new JobWatch.Result.Given(JobOutcomes.gone(ref), false);
      case JobState.Running _ -> goesOn(job.seen(true), age);
      case JobState.Waiting(String why) ->
          !job.ran() && age >= settings.startLimit().toMillis()
              ? new JobWatch.Result.Given(
                  JobOutcomes.neverStarted(ref, settings.startLimit(), why), true)
              : goesOn(job.seen(false), age);
    };
  }

  private JobWatch.Result goesOn(ParkedJob job, long age) {
    Duration limit = job.limit();
    if (limit != null && age >= limit.toMillis()) {
      return new JobWatch.Result.Given(job.timedOut(), true);
    }
    throw aside(job, age);
  }

  private PutAside aside(ParkedJob job, long age) {
    long pause =
        Math.min(
            job.longestPause().toMillis(),
            Math.max(settings.pollInterval().toMillis(), age / PART_OF_AGE));
    Duration limit = job.limit();
    long left = limit == null ? pause : Math.max(1, limit.toMillis() - age);
    return new PutAside(job.toMap(), Duration.ofMillis(Math.min(pause, left)));
  }
}
