package io.noetl.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Looks every now and then how large everything is, so that a long run shows what grows. */
final class Sizes implements AutoCloseable {
  private static final String TABLES =
      """
      select t.relname, s.live, s.size, s.indexes, s.dead from
        (values ('event_outbox'), ('event'), ('execution'), ('command'), ('wait'),
                ('schedule_fire')) t (relname)
        join lateral (
          select sum(n_live_tup)::bigint live, sum(n_dead_tup)::bigint dead,
                 sum(pg_total_relation_size(relid))::bigint size,
                 sum(pg_indexes_size(relid))::bigint indexes
            from pg_stat_user_tables where schemaname = 'noetl'
             and (relname = t.relname or t.relname = 'event' and relname like 'event\\_p%'
                  or t.relname = 'event' and relname = 'event_default')) s on true
      """;

  private final Site site;
  private final Duration every;
  private final long begunNanos = System.nanoTime();
  private final List<SizeSample> samples = new CopyOnWriteArrayList<>();
  private @Nullable Thread thread;

  Sizes(Site site, Duration every) {
    this.site = site;
    this.every = every;
  }

  void begin() throws SQLException {
    samples.add(look(true));
    thread = Thread.ofVirtual().name("sizes").start(this::run);
  }

  private void run() {
    while (true) {
      try {
        Thread.sleep(every);
        samples.add(look(false));
      } catch (InterruptedException e) {
        return;
      } catch (SQLException e) {
        // The database is away, which is a fault of ours; the next look may see more.
      }
    }
  }

  /** Takes the last sample and returns all, the first one first. */
  List<SizeSample> end() throws SQLException {
    close();
    samples.add(look(true));
    return List.copyOf(samples);
  }

  /**
   * @param exact counts rows; else they are those of the statistics
   */
  private SizeSample look(boolean exact) throws SQLException {
    List<SizeSample.Table> tables = new ArrayList<>();
    for (List<String> row : site.database().rows(TABLES)) {
      String name = row.getFirst();
      boolean counted = exact || !name.equals("event") && !name.equals("execution");
      tables.add(
          new SizeSample.Table(
              name,
              counted
                  ? site.database().number("select count(*) from noetl." + name)
                  : Long.parseLong(row.get(1)),
              Long.parseLong(row.get(2)),
              Long.parseLong(row.get(3)),
              Long.parseLong(row.get(4))));
    }
    Map<String, Long> memory = new LinkedHashMap<>();
    for (Role role : site.roles()) {
      ProcessHandle process = role.running();
      memory.put(role.name(), process == null ? 0 : residentBytes(process.pid()));
    }
    memory.put("nats-server", residentBytes(site.bus().handle().pid()));
    return new SizeSample(
        Duration.ofNanos(System.nanoTime() - begunNanos).toSeconds(),
        tables,
        site.bus().storedBytes(),
        memory);
  }

  /** Resident memory; 0 when it has ended or this system does not tell. */
  private static long residentBytes(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException e) {
      // It ended a moment ago, or there is no such file here.
      return 0;
    }
    return 0;
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
