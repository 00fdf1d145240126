package io.noetl.chaos;

import io.noetl.chaos.Violation.Sort;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Two schedules that fire during the whole run. One promises every time, however late; the other
 * drops times that are missed or overlap, and promises only that none comes twice. For one thread.
 */
final class Ticks {
  private static final String ALL = "chaos/every-second";
  private static final String SOME = "chaos/every-other";
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration OTHER = Duration.ofSeconds(2);
  private static final long LOOK_MILLIS = 100;

  private final Client client;
  private final OwnDatabase database;
  private final Effects effects;
  private Instant registered = Instant.EPOCH;
  private Instant stopped = Instant.EPOCH;
  private long fired;

  Ticks(Client client, OwnDatabase database, Effects effects) {
    this.client = client;
    this.database = database;
    this.effects = effects;
  }

  /** Registers both; the playbook is there already. */
  void begin() throws InterruptedException, SQLException {
    register(
        ALL,
        "interval: 1, overlap: allow, misfire: {policy: all, after: 1m, limit: 1000}",
        "every-second");
    register(
        SOME,
        "cron: \"*/2 * * * * *\", overlap: skip, misfire: {policy: once, after: 5s}",
        "every-other");
    registered = now();
  }

  private void register(String path, String rhythm, String name) throws InterruptedException {
    String text =
        """
        apiVersion: noetl.io/v2
        kind: Schedule
        metadata: {name: %s, path: %s}
        spec: {playbook: chaos/%s, payload: {effects: "%s", name: %s}, %s}
        """
            .formatted(name, path, Errand.TICK, effects.url(), name, rhythm);
    Client.ok(client.post("/api/catalog/register", Map.of("content", text)));
  }

  /**
   * Waits until every time up to now has been dealt with, and stops both.
   *
   * @return what keeps it from that when the time is over, or an empty text
   */
  String stop(Duration patience) throws InterruptedException, SQLException {
    Instant until = now();
    long deadline = System.nanoTime() + patience.toNanos();
    String missing = "";
    while (done(ALL).isBefore(until)) {
      if (System.nanoTime() > deadline) {
        missing =
            "Expected schedule %s to be done up to %s within %d s, but it is only up to %s"
                .formatted(ALL, until, patience.toSeconds(), done(ALL));
        break;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    for (String path : List.of(ALL, SOME)) {
      Client.ok(client.post("/api/schedules/" + path + "/disable", Map.of()));
    }
    stopped = until;
    return missing;
  }

  private Instant now() throws SQLException {
    return instant("select extract(epoch from clock_timestamp())");
  }

  private Instant done(String path) throws SQLException {
    return instant(
        "select extract(epoch from done_until) from noetl.schedule where path = '" + path + "'");
  }

  private Instant instant(String sql) throws SQLException {
    String seconds = database.rows(sql).getFirst().getFirst();
    return Instant.EPOCH.plusMillis(Math.round(Double.parseDouble(seconds) * 1000));
  }

  /** Executions that both have started. */
  long fired() {
    return fired;
  }

  /**
   * Every time of the first once, no time of either twice, and the effect of each.
   *
   * @param expired leases that have run out, by execution
   */
  void audit(Audit audit, Map<String, Integer> expired) throws SQLException {
    NavigableSet<Instant> all = times(audit, ALL, PERIOD, expired);
    times(audit, SOME, OTHER, expired);
    int missing = 0;
    Instant at = registered.plus(PERIOD);
    for (; at.isBefore(stopped.minus(PERIOD)); at = at.plus(PERIOD)) {
      if (all.subSet(at, at.plus(PERIOD)).isEmpty()) {
        missing++;
        audit.add(
            Sort.LOST, null, "Expected schedule " + ALL + " to fire at " + at + ", but it has not");
      }
      if (missing > 10) {
        return;
      }
    }
  }

  private NavigableSet<Instant> times(
      Audit audit, String path, Duration period, Map<String, Integer> expired) throws SQLException {
    NavigableSet<Instant> times = new TreeSet<>();
    Set<Instant> twice = new HashSet<>();
    String prefix = "schedule:" + path + ":";
    for (List<String> row :
        database.rows(
            "select execution_id, dedup_key, status from noetl.execution where dedup_key like '"
                + prefix
                + "%'")) {
      fired++;
      Instant at = Instant.parse(row.get(1).substring(prefix.length()));
      if (!times.add(at) && twice.add(at)) {
        audit.add(Sort.DOUBLED, null, "Expected " + path + " to fire once at " + at);
      }
      if (at.toEpochMilli() % period.toMillis() != 0) {
        audit.add(Sort.DISORDERED, null, path + " fired at " + at + ", which is no time of it");
      }
      if (!row.get(2).equals("COMPLETED")) {
        audit.add(Sort.LOST, null, "execution " + row.get(0) + " of " + path + " is " + row.get(2));
      }
      int done = effects.times(path.substring(path.indexOf('/') + 1), at.toString());
      int most = 1 + expired.getOrDefault(row.get(0), 0);
      if (done < 1 || done > most) {
        audit.add(
            done < 1 ? Sort.LOST : Sort.DOUBLED,
            null,
            "Expected the effect of %s at %s once, at most %d times, but it happened %d times"
                .formatted(path, at, most, done));
      }
    }
    return times;
  }
}
