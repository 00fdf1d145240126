package io.noetl.tool.container;

import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.playbook.value.ParkedJob;
import io.noetl.tool.Fields;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the outcome of a call from how its job ended. */
final class JobOutcomes {
  private JobOutcomes() {}

  static Outcome container(JobRef job, JobState.Ended end) {
    return ParkedJob.outcome(job.namespace(), job.name(), job.uid(), job.labels(), end(end));
  }

  private static ParkedJob.End end(JobState.Ended end) {
    Integer code = end.exitCode();
    return new ParkedJob.End(
        end.succeeded(),
        end.reason(),
        code == null ? null : (Long) code.longValue(),
        end.completedAt(),
        Map.of());
  }

  /**
   * @param output what the script wrote; null = it cannot be had
   */
  static Outcome script(JobRef job, JobState.Ended end, @Nullable String output) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status", end.succeeded() ? "completed" : "failed");
    data.put("job_name", job.name());
    data.put("namespace", job.namespace());
    if (end.pod() != null) {
      data.put("pod_name", end.pod());
    }
    data.put("execution_time", end.seconds());
    if (output != null) {
      data.put("output", output);
    }
    data.put("succeeded", end.succeededPods());
    data.put("failed", end.failedPods());
    if (end.exitCode() != null) {
      data.put("exit_code", (long) end.exitCode());
    }
    return ParkedJob.ended(shown(job), end(end), data);
  }

  static Outcome timedOut(JobRef job, Duration limit) {
    String message = "Job " + shown(job) + " timed out after " + Fields.words(limit);
    return new Outcome(
        Status.TIMEOUT,
        Shape.SINGLE,
        null,
        Errors.timeout(message),
        true,
        null,
        Map.of(),
        null,
        null);
  }

  static Outcome neverStarted(JobRef job, Duration limit, String why) {
    return Outcome.hard(
        Errors.of(
            "job",
            "JOB_NOT_STARTED",
            "Expected the container of job "
                + shown(job)
                + " to run within "
                + Fields.words(limit)
                + " (kubernetes.start-limit), but it does not"
                + (why.isEmpty() ? "" : ": " + why),
            true));
  }

  static Outcome gone(JobRef job) {
    return Outcome.hard(
        Errors.of(
            "job",
            "JOB_DELETED",
            "Expected job " + shown(job) + " to end, but somebody has deleted it",
            true));
  }

  static Outcome refused(String what, ClusterException e) {
    return Outcome.hard(
        Errors.of(
            e.status() == 0 ? "connection" : "job",
            e.status() == 0 ? "CONN_ERROR" : "KUBERNETES_" + e.status(),
            what + ": " + e.getMessage(),
            e.passing()));
  }

  static String shown(JobRef job) {
    return job.namespace() + "/" + job.name();
  }
}
