package io.noetl.tool.container;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads how a job stands from what the cluster says about it and its pods. */
final class JobStates {
  private JobStates() {}

  static JobState of(Job job, List<Pod> pods) {
    JobStatus status = job.getStatus();
    Optional<Pod> last =
        pods.stream()
            .max(Comparator.comparing(pod -> text(pod.getMetadata().getCreationTimestamp())));
    if (status != null) {
      for (JobCondition condition : status.getConditions()) {
        boolean succeeded = "Complete".equals(condition.getType());
        if ("True".equals(condition.getStatus())
            && (succeeded || "Failed".equals(condition.getType()))) {
          return ended(status, condition, succeeded, last);
        }
      }
    }
    return last.map(JobStates::running).orElse(new JobState.Waiting("it has no pod yet"));
  }

  private static JobState ended(
      JobStatus status, JobCondition condition, boolean succeeded, Optional<Pod> last) {
    Optional<ContainerStateTerminated> container = last.flatMap(JobStates::terminated);
    String completed =
        status.getCompletionTime() == null
            ? condition.getLastTransitionTime()
            : status.getCompletionTime();
    return new JobState.Ended(
        succeeded,
        succeeded ? null : reason(condition, container),
        container.map(ContainerStateTerminated::getExitCode).orElse(null),
        completed,
        last.map(pod -> pod.getMetadata().getName()).orElse(null),
        status.getSucceeded() == null ? 0 : status.getSucceeded(),
        status.getFailed() == null ? 0 : status.getFailed(),
        seconds(status.getStartTime(), completed));
  }

  /** What ended the container says more than that the job has no attempt left. */
  private static @Nullable String reason(
      JobCondition condition, Optional<ContainerStateTerminated> container) {
    return container
        .map(ContainerStateTerminated::getReason)
        .filter(reason -> !reason.equals("Error") && !reason.equals("Completed"))
        .orElse(condition.getReason());
  }

  private static JobState running(Pod pod) {
    if (pod.getStatus() == null) {
      return new JobState.Waiting("its pod is new");
    }
    for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
      ContainerState state = container.getState();
      if (state != null && (state.getRunning() != null || state.getTerminated() != null)) {
        return new JobState.Running();
      }
      if (state != null && state.getWaiting() != null) {
        return new JobState.Waiting(
            said(state.getWaiting().getReason(), state.getWaiting().getMessage()));
      }
    }
    for (PodCondition condition : pod.getStatus().getConditions()) {
      if ("PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus())) {
        return new JobState.Waiting(said(condition.getReason(), condition.getMessage()));
      }
    }
    return new JobState.Waiting(text(pod.getStatus().getPhase()));
  }

  private static Optional<ContainerStateTerminated> terminated(Pod pod) {
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    return pod.getStatus().getContainerStatuses().stream()
        .map(ContainerStatus::getState)
        .filter(state -> state != null && state.getTerminated() != null)
        .map(ContainerState::getTerminated)
        .findFirst();
  }

  private static @Nullable Double seconds(@Nullable String start, @Nullable String end) {
    if (start == null || end == null) {
      return null;
    }
    try {
      Duration taken = Duration.between(OffsetDateTime.parse(start), OffsetDateTime.parse(end));
      return taken.toMillis() / 1000.0;
    } catch (DateTimeException e) {
      // A clock that writes otherwise: the data has no duration then.
      return null;
    }
  }

  private static String said(@Nullable String reason, @Nullable String message) {
    return text(reason) + (message == null || message.isBlank() ? "" : ": " + message);
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
