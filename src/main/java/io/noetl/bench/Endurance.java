package io.noetl.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A long load in windows of equal length, so that the last one can be held against the first: what
 * grows with the history shows here and in no short loop. Used by one thread.
 */
final class Endurance {
  /** Windows of one load; an hour gives windows of five minutes. */
  static final int WINDOWS = 12;

  private static final double MEGABYTE = 1024.0 * 1024;

  private final List<Window> windows = new ArrayList<>();

  /**
   * What one window came to.
   *
   * @param load which long load it belongs to
   * @param memory resident megabytes by process at its end
   * @param databaseBytes all tables and indexes at its end
   * @param deadRows that PostgreSQL had not yet tidied up at its end
   */
  record Window(
      String load, Sample sample, Map<String, Double> memory, long databaseBytes, long deadRows) {}

  static Duration window(Duration whole) {
    return whole.dividedBy(WINDOWS);
  }

  /** Takes down what a window came to; call it right at the window's end. */
  void add(Sample sample, Stand stand, Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select pg_database_size(current_database()),
                       coalesce((select sum(n_dead_tup) from pg_stat_user_tables), 0)::bigint
                """)) {
      if (!row.next()) {
        throw new BenchException("Expected PostgreSQL to tell its size, but it told nothing");
      }
      windows.add(
          new Window(sample.what(), sample, Meter.memory(stand), row.getLong(1), row.getLong(2)));
    }
  }

  /** The windows of each load, in the order of their time. */
  Map<String, List<Window>> loads() {
    Map<String, List<Window>> loads = new LinkedHashMap<>();
    windows.forEach(
        window -> loads.computeIfAbsent(window.load(), _ -> new ArrayList<>()).add(window));
    return loads;
  }

  /** For people; empty when nothing was measured. */
  String text() {
    StringBuilder text = new StringBuilder();
    loads()
        .forEach(
            (load, all) -> {
              text.append(
                  String.format(
                      Locale.ROOT,
                      "%nendurance %s%n  %6s %10s %10s %9s %9s %14s %12s %10s  %s%n",
                      load,
                      "minute",
                      "runs/s",
                      "steps/s",
                      "p50 ms",
                      "p99 ms",
                      "cpu s/1000",
                      "database MB",
                      "dead rows",
                      "resident MB"));
              double seconds = 0;
              for (Window window : all) {
                seconds += window.sample.seconds();
                text.append(line(window, seconds)).append('\n');
              }
              text.append(
                  String.format(
                      Locale.ROOT,
                      "  the last against the first: runs/s %.2f, p50 %.2f, p99 %.2f, cpu %.2f%n",
                      ratio(all, Sample::runsPerSecond),
                      ratio(all, Sample::p50Ms),
                      ratio(all, Sample::p99Ms),
                      ratio(all, Sample::cpuPerThousandSteps)));
            });
    return text.toString();
  }

  private static String line(Window window, double seconds) {
    Sample sample = window.sample;
    StringBuilder memory = new StringBuilder();
    window.memory.forEach(
        (process, megabytes) ->
            memory.append(String.format(Locale.ROOT, " %s %.0f", process, megabytes)));
    return String.format(
        Locale.ROOT,
        "  %6.1f %10.1f %10.0f %9.2f %9.2f %14.3f %12.0f %10d %s",
        seconds / 60,
        sample.runsPerSecond(),
        sample.stepsPerSecond(),
        sample.p50Ms(),
        sample.p99Ms(),
        sample.cpuPerThousandSteps(),
        window.databaseBytes / MEGABYTE,
        window.deadRows,
        memory);
  }

  /** For programs: one entry for each long load. */
  List<Map<String, @Nullable Object>> json() {
    List<Map<String, @Nullable Object>> out = new ArrayList<>();
    loads()
        .forEach(
            (load, all) -> {
              Map<String, @Nullable Object> one = new LinkedHashMap<>();
              one.put("load", load);
              one.put("windows", all.stream().map(Endurance::json).toList());
              Map<String, @Nullable Object> ratios = new LinkedHashMap<>();
              ratios.put("runs_per_second", Sample.round(ratio(all, Sample::runsPerSecond)));
              ratios.put("p50_ms", Sample.round(ratio(all, Sample::p50Ms)));
              ratios.put("p99_ms", Sample.round(ratio(all, Sample::p99Ms)));
              ratios.put(
                  "cpu_seconds_per_1000_steps_total",
                  Sample.round(ratio(all, Sample::cpuPerThousandSteps)));
              one.put("last_against_first", ratios);
              out.add(one);
            });
    return out;
  }

  private static Map<String, @Nullable Object> json(Window window) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("seconds", Sample.round(window.sample.seconds()));
    out.put("runs", window.sample.runs());
    out.put("failed", window.sample.failed());
    out.put("runs_per_second", Sample.round(window.sample.runsPerSecond()));
    out.put("p50_ms", window.sample.p50Ms());
    out.put("p99_ms", window.sample.p99Ms());
    out.put("cpu_seconds_per_1000_steps_total", Sample.round(window.sample.cpuPerThousandSteps()));
    out.put("database_bytes", window.databaseBytes);
    out.put("dead_rows", window.deadRows);
    out.put("resident_megabytes", window.memory);
    return out;
  }

  private static double ratio(List<Window> all, ToDoubleFunction<Sample> figure) {
    double first = figure.applyAsDouble(all.getFirst().sample);
    return first == 0 ? 0 : figure.applyAsDouble(all.getLast().sample) / first;
  }
}
