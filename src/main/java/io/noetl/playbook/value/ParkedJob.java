package io.noetl.playbook.value;

import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.playbook.value.Outcome.Status;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job of a cluster that a step waits for while no worker holds its command, and what it comes to.
 * The document travels from the worker that started the job to the row of the command, and from
 * there to whoever looks at the job or hears of its end.
 *
 * @param uid as the cluster has named it
 * @param labels as the cluster holds them
 * @param sinceMs when it was started, in milliseconds of the epoch
 * @param silentSinceMs since when the cluster does not answer, likewise; null = it did at the last
 *     look
 * @param ran whether its container has been seen running
 * @param limit how long it may take; null = as long as it wants
 * @param stepLimit whether that is the limit of the step and not of its tool
 * @param longestPause longest time between two looks at it
 */
public record ParkedJob(
    String namespace,
    String name,
    String uid,
    Map<String, String> labels,
    long sinceMs,
    @Nullable Long silentSinceMs,
    boolean ran,
    @Nullable Duration limit,
    boolean stepLimit,
    Duration longestPause) {

  /** What a cluster calls the end of a job that took longer than it may. */
  public static final String DEADLINE = "DeadlineExceeded";

  private static final String KIND = "kind";
  private static final String JOB = "job";

  public ParkedJob {
    labels = Map.copyOf(labels);
  }

  /** The same after a look at it. */
  public ParkedJob seen(boolean runs) {
    return with(null, ran || runs);
  }

  /** The same after a look that the cluster did not answer. */
  public ParkedJob unseen(long nowMs) {
    return silentSinceMs != null ? this : with(nowMs, ran);
  }

  private ParkedJob with(@Nullable Long silentSince, boolean running) {
    return new ParkedJob(
        namespace,
        name,
        uid,
        labels,
        sinceMs,
        silentSince,
        running,
        limit,
        stepLimit,
        longestPause);
  }

  /**
   * How the job ended.
   *
   * @param reason of a failure; null = none is told
   * @param exitCode null = it is not known
   * @param completedAt as text; null = not told
   * @param more members that the data has besides
   */
  public record End(
      boolean succeeded,
      @Nullable String reason,
      @Nullable Long exitCode,
      @Nullable String completedAt,
      Map<String, String> more) {}

  /** What the step of a container comes to. */
  public Outcome outcome(End end) {
    if (!end.succeeded() && limit != null && DEADLINE.equals(end.reason())) {
      return timedOut();
    }
    return outcome(namespace, name, uid, labels, end);
  }

  /** As {@link #outcome(End)}, for a job that was not put aside. */
  public static Outcome outcome(
      String namespace, String name, String uid, Map<String, String> labels, End end) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("job_name", name);
    data.put("job_uid", uid);
    data.put("namespace", namespace);
    data.put("labels", labels);
    data.put("state", end.succeeded() ? "succeeded" : "failed");
    if (end.reason() != null) {
      data.put("reason", end.reason());
    }
    if (end.exitCode() != null) {
      data.put("exit_code", end.exitCode());
    }
    data.put("completed_at", end.completedAt());
    data.putAll(end.more());
    return ended(namespace + "/" + name, end, data);
  }

  /** A success, or the hard error of a failed job, with this data. */
  public static Outcome ended(String shown, End end, Map<String, @Nullable Object> data) {
    if (end.succeeded()) {
      return Outcome.success(data);
    }
    String message =
        "Job "
            + shown
            + " failed"
            + (end.reason() == null ? "" : ": " + end.reason())
            + (end.exitCode() == null ? "" : " (exit code " + end.exitCode() + ")");
    Map<String, @Nullable Object> error = Errors.of("job", "JOB_FAILED", message, false);
    error.put("details", data);
    return new Outcome(Status.ERROR, Shape.SINGLE, data, error, true, null, Map.of(), null, null);
  }

  /** The time is over: soft when it was the step's, hard when it was the tool's. */
  public Outcome timedOut() {
    Duration over = limit == null ? Duration.ZERO : limit;
    String message =
        stepLimit
            ? "Step timed out after " + words(over)
            : "Job " + namespace + "/" + name + " timed out after " + words(over);
    return timedOut(message, !stepLimit);
  }

  private static Outcome timedOut(String message, boolean hard) {
    return new Outcome(
        Status.TIMEOUT,
        Shape.SINGLE,
        null,
        Errors.timeout(message),
        hard,
        null,
        Map.of(),
        null,
        null);
  }

  private static String words(Duration time) {
    return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
  }

  /** The document; {@link #fromMap} reads it back. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put(KIND, JOB);
    map.put("namespace", namespace);
    map.put("job_name", name);
    map.put("job_uid", uid);
    map.put("labels", labels);
    map.put("since_ms", sinceMs);
    if (silentSinceMs != null) {
      map.put("silent_since_ms", silentSinceMs);
    }
    map.put("ran", ran);
    if (limit != null) {
      map.put("limit_ms", limit.toMillis());
      map.put("step_limit", stepLimit);
    }
    map.put("longest_pause_ms", longestPause.toMillis());
    return map;
  }

  /**
   * @throws IllegalArgumentException when the document is not of a job; the message names the
   *     member
   */
  public static ParkedJob fromMap(Map<String, @Nullable Object> map) {
    if (!JOB.equals(map.get(KIND))) {
      throw new IllegalArgumentException(
          "Expected parked.kind to be " + JOB + ", but got " + map.get(KIND));
    }
    Map<String, String> labels = new LinkedHashMap<>();
    if (map.get("labels") instanceof Map<?, ?> given) {
      given.forEach((name, value) -> labels.put(String.valueOf(name), String.valueOf(value)));
    }
    return new ParkedJob(
        text(map, "namespace"),
        text(map, "job_name"),
        text(map, "job_uid"),
        labels,
        number(map, "since_ms"),
        map.get("silent_since_ms") == null ? null : (Long) number(map, "silent_since_ms"),
        Boolean.TRUE.equals(map.get("ran")),
        map.get("limit_ms") == null ? null : Duration.ofMillis(number(map, "limit_ms")),
        Boolean.TRUE.equals(map.get("step_limit")),
        Duration.ofMillis(number(map, "longest_pause_ms")));
  }

  private static String text(Map<String, @Nullable Object> map, String name) {
    if (map.get(name) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("Expected parked." + name + " to be a string");
  }

  private static long number(Map<String, @Nullable Object> map, String name) {
    if (map.get(name) instanceof Number number && number.longValue() >= 0) {
      return number.longValue();
    }
    throw new IllegalArgumentException("Expected parked." + name + " to be a number from 0");
  }
}
