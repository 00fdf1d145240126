package io.noetl.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One line of the report.
 *
 * @param build which took its turn
 * @param mode {@code closed} or {@code open}; {@code part} for what is measured below the API
 * @param inFlight clients side by side; of an open loop 0
 * @param target runs per second that an open loop asked for; else 0
 * @param used between its begin and end, or null
 * @param raw what limits it, or null
 * @param ratio of the figure to that limit
 */
record Sample(
    String build,
    String topology,
    Workload workload,
    String mode,
    int inFlight,
    double target,
    double seconds,
    long runs,
    long failed,
    String reason,
    double p50Ms,
    double p99Ms,
    double p999Ms,
    Meter.@Nullable Used used,
    @Nullable String raw,
    double ratio) {

  static Sample of(
      String build,
      String topology,
      Workload workload,
      String mode,
      int inFlight,
      double target,
      Load.Outcome outcome,
      Meter.@Nullable Used used,
      @Nullable String raw,
      double ratio) {
    Histogram micros = outcome.micros();
    return new Sample(
        build,
        topology,
        workload,
        mode,
        inFlight,
        target,
        outcome.seconds(),
        micros.getTotalCount(),
        outcome.failed(),
        outcome.reason(),
        micros.getValueAtPercentile(50) / 1e3,
        micros.getValueAtPercentile(99) / 1e3,
        micros.getValueAtPercentile(99.9) / 1e3,
        used,
        raw,
        ratio);
  }

  /** One run stands for so many. */
  Sample times(int units) {
    return new Sample(
        build,
        topology,
        workload,
        mode,
        inFlight,
        target,
        seconds,
        runs * units,
        failed,
        reason,
        p50Ms,
        p99Ms,
        p999Ms,
        used,
        raw,
        ratio);
  }

  double runsPerSecond() {
    return seconds == 0 ? 0 : runs / seconds;
  }

  double stepsPerSecond() {
    return runsPerSecond() * workload.steps();
  }

  /** The same measurement of another time or build has the same one. */
  String what() {
    return topology + "/" + workload.word() + "/" + mode + "/" + inFlight;
  }

  private double per(double amount, double of) {
    return of == 0 ? 0 : amount / of;
  }

  double cpuPerThousandSteps() {
    return used == null ? 0 : per(used.cpuTotal() * 1_000, (double) runs * workload.steps());
  }

  double statementsPerRun() {
    return used == null ? 0 : per((double) used.statements(), (double) runs);
  }

  double commitsPerRun() {
    return used == null ? 0 : per((double) used.commits(), (double) runs);
  }

  double rowsPerRun() {
    return used == null ? 0 : per((double) used.rows(), (double) runs);
  }

  double walPerRun() {
    return used == null ? 0 : per((double) used.walBytes(), (double) runs);
  }

  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("build", build);
    out.put("topology", topology);
    out.put("workload", workload.word());
    out.put("mode", mode);
    out.put("in_flight", inFlight);
    if (target > 0) {
      out.put("asked_per_second", round(target));
    }
    out.put("seconds", round(seconds));
    out.put("runs", runs);
    out.put("failed", failed);
    if (!reason.isEmpty()) {
      out.put("first_failure", reason);
    }
    out.put("p50_ms", p50Ms);
    out.put("p99_ms", p99Ms);
    out.put("p999_ms", p999Ms);
    out.put("runs_per_second", round(runsPerSecond()));
    out.put("steps_per_second", round(stepsPerSecond()));
    Meter.Used spent = used;
    if (spent != null) {
      Map<String, @Nullable Object> cpu = new LinkedHashMap<>();
      spent
          .cpu()
          .forEach(
              (name, time) ->
                  cpu.put(name, round(per(time * 1_000, (double) runs * workload.steps()))));
      out.put("cpu_seconds_per_1000_steps", cpu);
      out.put("cpu_seconds_per_1000_steps_total", round(cpuPerThousandSteps()));
      out.put("statements_per_run", round(statementsPerRun()));
      out.put("commits_per_run", round(commitsPerRun()));
      out.put("rows_per_run", round(rowsPerRun()));
      out.put("wal_bytes_per_run", round(walPerRun()));
      out.put(
          "statements",
          spent.top().stream()
              .map(
                  sql -> {
                    Map<String, @Nullable Object> one = new LinkedHashMap<>();
                    one.put("calls", sql.calls());
                    one.put("rows", sql.rows());
                    one.put("millis", round(sql.millis()));
                    one.put("plan_millis", round(sql.planMillis()));
                    one.put("wal_bytes", sql.walBytes());
                    one.put("text", sql.text().substring(0, Math.min(90, sql.text().length())));
                    return one;
                  })
              .toList());
    }
    if (raw != null) {
      out.put("raw_limit", raw);
      out.put("ratio", round(ratio));
    }
    return out;
  }

  static double round(double value) {
    return Math.round(value * 1_000) / 1e3;
  }
}
