package io.noetl.tool.container;

import org.jspecify.annotations.Nullable;

/** How a job stands. */
sealed interface JobState {

  /** There is no such job any more. */
  record Gone() implements JobState {}

  /**
   * Its container does not run yet.
   *
   * @param why what the cluster says about it, such as {@code ImagePullBackOff}; empty = nothing
   */
  record Waiting(String why) implements JobState {}

  record Running() implements JobState {}

  /**
   * It has ended.
   *
   * @param reason of a failure, such as {@code OOMKilled}; null = none is told
   * @param exitCode of the last container; null = it is not known
   * @param completedAt as text; null = not told
   * @param pod name of the last pod; null = there is none any more
   * @param succeededPods how many ended well
   * @param failedPods how many did not
   * @param seconds how long the job took, by the cluster's clock; null = not told
   */
  record Ended(
      boolean succeeded,
      @Nullable String reason,
      @Nullable Integer exitCode,
      @Nullable String completedAt,
      @Nullable String pod,
      long succeededPods,
      long failedPods,
      @Nullable Double seconds)
      implements JobState {}
}
