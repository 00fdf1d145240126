package io.noetl.api;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.json.Json;
import io.noetl.query.ExecutionRow;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Executions as clients of both families read them. */
final class Summaries {
  private final InstantSource clock;

  Summaries(InstantSource clock) {
    this.clock = clock;
  }

  Map<String, @Nullable Object> summary(ExecutionRow row) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(row.executionId()));
    out.put("catalog_id", Ids.text(row.catalogId()));
    out.put("path", row.path());
    out.put("version", row.version());
    out.put("status", row.status().name());
    out.put("started_at", row.startedAt().toString());
    Instant ended = row.endedAt();
    if (ended != null) {
      out.put("completed_at", ended.toString());
    }
    out.put("start_time", row.startedAt().toString());
    if (ended != null) {
      out.put("end_time", ended.toString());
    }
    Duration duration = duration(row);
    out.put("duration_seconds", seconds(duration));
    out.put("duration_human", human(duration));
    out.put("progress", progress(row));
    out.put("event_count", row.seq());
    if (row.resultJson() != null) {
      out.put("result", Scrub.value(Json.parse(row.resultJson())));
    }
    if (row.error() != null) {
      out.put("error", Scrub.text(row.error()));
    }
    Long parent = row.parentExecutionId();
    if (parent != null) {
      out.put("parent_execution_id", Ids.text(parent));
    }
    return out;
  }

  Map<String, @Nullable Object> status(ExecutionRow row, List<String> completedSteps) {
    Map<String, @Nullable Object> progress = new LinkedHashMap<>();
    progress.put("total_steps", row.stepsTotal());
    progress.put("completed_steps", completedSteps.size());
    progress.put("running_steps", row.stepsRunning());
    progress.put("failed_steps", row.stepsFailed());
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(row.executionId()));
    out.put("status", row.status().name());
    out.put("current_step", row.currentStep());
    out.put("progress", progress);
    out.put("is_cancelled", row.status() == ExecutionStatus.CANCELLED);
    out.put("completed", row.status() == ExecutionStatus.COMPLETED);
    out.put("failed", row.status() == ExecutionStatus.FAILED);
    out.put("completed_steps", completedSteps);
    out.put("completion_inferred", false);
    out.put("start_time", row.startedAt().toString());
    if (row.endedAt() != null) {
      out.put("end_time", row.endedAt().toString());
    }
    out.put("duration_seconds", seconds(duration(row)));
    if (row.error() != null) {
      out.put("error", Scrub.text(row.error()));
    }
    return out;
  }

  private Duration duration(ExecutionRow row) {
    Instant end = row.endedAt() == null ? clock.instant() : row.endedAt();
    Duration duration = Duration.between(row.startedAt(), end);
    return duration.isNegative() ? Duration.ZERO : duration;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  private static String human(Duration duration) {
    if (duration.toHours() > 0) {
      return duration.toHours() + "h " + duration.toMinutesPart() + "m";
    }
    if (duration.toMinutes() > 0) {
      return duration.toMinutes() + "m " + duration.toSecondsPart() + "s";
    }
    return String.format(Locale.ROOT, "%.2fs", seconds(duration));
  }

  /** Of the steps known so far: an execution that runs is never shown as complete. */
  private static int progress(ExecutionRow row) {
    if (row.status() == ExecutionStatus.COMPLETED) {
      return 100;
    }
    if (row.stepsTotal() == 0) {
      return 0;
    }
    int percent = (int) Math.min(100L, 100L * row.stepsDone() / row.stepsTotal());
    return row.status().terminal() ? percent : Math.min(99, percent);
  }
}
