package io.noetl.tool.container;

import io.noetl.tool.process.CallOutput;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** What the tools need of a cluster. Safe for use by many threads; calls block. */
interface Cluster extends AutoCloseable {

  /**
   * Starts the job, or takes over the one that an earlier attempt of the same command has started
   * and whose end nobody has seen yet.
   *
   * @throws ClusterException when the cluster refuses or does not answer
   */
  JobRef start(JobPlan plan) throws ClusterException, InterruptedException;

  /**
   * @throws ClusterException when the cluster refuses or does not answer
   */
  JobState look(JobRef job) throws ClusterException, InterruptedException;

  /**
   * Tells when something about the job may have changed. Where the cluster cannot be listened to,
   * it only lets time pass.
   */
  Changes changes(JobRef job) throws InterruptedException;

  /** See {@link #changes}. Confined to one thread. */
  interface Changes extends AutoCloseable {
    /** Returns after this time, or earlier after a change. */
    void await(Duration atMost) throws InterruptedException;

    @Override
    void close();
  }

  /**
   * What the pod has written.
   *
   * @param into takes all of it
   * @return whether it could be had
   */
  boolean output(JobRef job, String pod, CallOutput into) throws InterruptedException;

  /** Notes that the end of the job was seen, so that a later call of the same kind starts anew. */
  void collected(JobRef job) throws InterruptedException;

  /**
   * Jobs that commands have started and that have not ended.
   *
   * @param namespaces where to look
   * @param all whether to look in all namespaces where the account may
   * @throws ClusterException when the cluster refuses or does not answer
   */
  List<JobRef> live(Collection<String> namespaces, boolean all)
      throws ClusterException, InterruptedException;

  /** Deletes the job with its pods, unless a later attempt has taken it over. */
  void delete(JobRef job) throws InterruptedException;

  @Override
  void close();
}
