package io.noetl.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was used between two moments: processor time by process, and what PostgreSQL did. Each
 * statement of the program commits by itself, so statements that wrote are commits.
 */
final class Meter {
  private Meter() {}

  /**
   * One statement's text and totals.
   *
   * @param calls how often it ran
   * @param rows that it returned or changed
   * @param millis spent in it
   * @param walRecords entries of the write-ahead log that it made
   * @param planMillis spent in planning it
   */
  record Sql(
      String text,
      long calls,
      long rows,
      double millis,
      long walRecords,
      long walBytes,
      double planMillis) {
    /** Reading may write, too: it tidies pages up. That is no commit. */
    boolean writes() {
      return walRecords > 0 && !text.startsWith("select");
    }

    Sql minus(@Nullable Sql before) {
      return before == null
          ? this
          : new Sql(
              text,
              calls - before.calls,
              rows - before.rows,
              millis - before.millis,
              walRecords - before.walRecords,
              walBytes - before.walBytes,
              planMillis - before.planMillis);
    }
  }

  /** Readings at one moment. */
  record Reading(Map<String, Duration> cpu, Map<String, Sql> statements, long rowsChanged) {}

  /**
   * What was used in between.
   *
   * @param cpu seconds of processor time by process
   * @param statements that clients sent
   * @param commits those of them that wrote
   * @param rows returned or changed by them
   * @param top the statements that took the longest
   */
  record Used(
      Map<String, Double> cpu,
      long statements,
      long commits,
      long rows,
      long walBytes,
      List<Sql> top) {
    double cpuTotal() {
      return cpu.values().stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  static Reading read(Stand stand, Connection connection) throws SQLException {
    Map<String, Duration> cpu = new LinkedHashMap<>();
    stand.processes().forEach((name, process) -> cpu.put(name, cpu(process, name)));
    Map<String, Sql> statements = new HashMap<>();
    long rows = 0;
    try (Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                """
                select queryid::text, query, calls, rows, total_exec_time, wal_records, wal_bytes,
                       total_plan_time
                  from pg_stat_statements
                 where dbid = (select oid from pg_database where datname = current_database())
                   and query not like '%pg_stat_statements%'
                """)) {
      while (found.next()) {
        Sql sql =
            new Sql(
                found.getString(2).strip().replaceAll("\\s+", " "),
                found.getLong(3),
                found.getLong(4),
                found.getDouble(5),
                found.getLong(6),
                found.getLong(7),
                found.getDouble(8));
        statements.put(found.getString(1), sql);
        rows += sql.rows();
      }
    }
    return new Reading(cpu, statements, rows);
  }

  static Used between(Reading before, Reading after) {
    Map<String, Double> cpu = new LinkedHashMap<>();
    after.cpu.forEach(
        (name, time) ->
            cpu.put(
                name, time.minus(before.cpu.getOrDefault(name, Duration.ZERO)).toNanos() / 1e9));
    List<Sql> changed = new ArrayList<>();
    after.statements.forEach(
        (id, sql) -> {
          Sql used = sql.minus(before.statements.get(id));
          if (used.calls() > 0) {
            changed.add(used);
          }
        });
    changed.sort(Comparator.comparingDouble(Sql::millis).reversed());
    return new Used(
        cpu,
        changed.stream().mapToLong(Sql::calls).sum(),
        changed.stream().filter(Sql::writes).mapToLong(Sql::calls).sum(),
        changed.stream().mapToLong(Sql::rows).sum(),
        changed.stream().mapToLong(Sql::walBytes).sum(),
        changed.subList(0, Math.min(12, changed.size())));
  }

  /** Of the process and what it started; of the client, of itself alone. */
  private static Duration cpu(ProcessHandle process, String name) {
    Duration own = process.info().totalCpuDuration().orElse(Duration.ZERO);
    if (name.equals("client")) {
      return own;
    }
    return process
        .descendants()
        .map(child -> child.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(own, Duration::plus);
  }

  /** Resident megabytes by process; empty where the system does not say. */
  static Map<String, Double> memory(Stand stand) {
    Map<String, Double> memory = new LinkedHashMap<>();
    stand
        .processes()
        .forEach(
            (name, process) -> {
              double own = kilobytes(process.pid());
              double children =
                  name.equals("client")
                      ? 0
                      : process.descendants().mapToDouble(child -> kilobytes(child.pid())).sum();
              if (own > 0) {
                memory.put(name, (own + children) / 1024);
              }
            });
    return memory;
  }

  /** Pages that processes share count in parts, so that sums are right. */
  private static double kilobytes(long pid) {
    Path file = Path.of("/proc", String.valueOf(pid), "smaps_rollup");
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith("Pss:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D+", "")))
          .sum();
    } catch (IOException | java.io.UncheckedIOException e) {
      // Another system, or the process has just ended.
      return 0;
    }
  }
}
