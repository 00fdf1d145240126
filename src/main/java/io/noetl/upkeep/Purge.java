package io.noetl.upkeep;

import io.noetl.envelope.Snowflake;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Removes what is over. An execution goes as a whole: its events, its results that are not
 * permanent, its dead commands and its row; never one that has not ended, has an ancestor or a
 * child that has not ended long enough ago, or has events that are not in the log yet. Safe for use
 * by many threads.
 */
public final class Purge {
  /** Most executions that one call removes; the next call goes on. */
  public static final int MAX_EXECUTIONS = 10_000;

  private static final int BATCH = 500;
  private static final Pattern BOUNDS =
      Pattern.compile("FROM \\('(\\d+)'\\) TO \\('(\\d+)'\\)", Pattern.CASE_INSENSITIVE);

  /**
   * Executions that may go, of no root that is kept, the oldest first. Takes how long they are
   * kept, and what they must have besides.
   */
  private static final String PURGEABLE =
      """
      with recursive places as materialized (
        -- Not for each execution: to find its rule takes as long as there are rules.
        select e.tenant_id, e.path, %s as kept_for
          from (select distinct tenant_id, path from noetl.execution) e),
      aged as materialized (
        select e.execution_id, e.parent_execution_id, e.forked_root,
               coalesce(e.ended_at < now() - p.kept_for, false) as over
          from noetl.execution e join places p using (tenant_id, path)),
      old as materialized (
        select e.execution_id, e.parent_execution_id from aged e
         where e.over
           and not exists (select 1 from noetl.event_outbox o
                            where o.execution_id = e.execution_id)
           -- Forks of a family read what their first execution has stored.
           and not exists (select 1 from noetl.execution f
                            where f.forked_root = coalesce(e.forked_root, e.execution_id)
                              and f.ended_at is null)
           and not exists (select 1 from aged c
                            where c.parent_execution_id = e.execution_id and not c.over)
           %s
         order by e.execution_id),
      above as (
        select execution_id, parent_execution_id as ancestor from old
         where parent_execution_id is not null
        union
        select above.execution_id, e.parent_execution_id from above
          join noetl.execution e on e.execution_id = above.ancestor
         where e.parent_execution_id is not null),
      kept as (
        select above.execution_id from above
          join aged e on e.execution_id = above.ancestor
         where not e.over)
      select execution_id from old
       where not exists (select 1 from kept where kept.execution_id = old.execution_id)
       order by execution_id limit ?
      """;

  /** As the rules of retention say, else for so long. */
  private static final String OVER_BY_RULES =
      PURGEABLE.formatted("noetl.kept_for(e.tenant_id, e.path, ?::interval)", "");

  /** Whatever the rules say. */
  private static final String OVER_ALL = PURGEABLE.formatted("?::interval", "%s");

  /** Those of which content is still kept. */
  private static final String WITH_RESULTS =
      """
      and exists (select 1 from noetl.result r
                   where r.execution_id = e.execution_id and r.sha is not null
                     and r.scope <> 'permanent')
      """;

  private final Database database;
  private final LongConsumer forget;

  /**
   * @param forget told of each execution that is no more, to remove what the database does not know
   */
  public Purge(Database database, LongConsumer forget) {
    this.database = database;
    this.forget = forget;
  }

  /**
   * What may go; zero = nothing of the kind.
   *
   * @param commands age of dead commands, from the end of their execution, and of dead messages
   * @param runtimes silence of components
   * @param events age of executions that no rule of retention names, from their end; rules hold
   *     also when it is zero
   * @param results age of executions whose results may go, from their end
   */
  public record Ages(Duration commands, Duration runtimes, Duration events, Duration results) {}

  /**
   * What went, or would go.
   *
   * @param results contents that went; their references stay, and say that their time is over
   * @param more whether there were more executions than one call removes
   */
  public record Purged(
      int commands,
      int runtimes,
      int executions,
      long events,
      List<String> partitions,
      int results,
      boolean more) {}

  public Purged purge(Ages ages, boolean onlyLook) {
    int commands = ages.commands().isZero() ? 0 : commands(ages.commands(), onlyLook);
    int runtimes = ages.runtimes().isZero() ? 0 : runtimes(ages.runtimes(), onlyLook);
    List<Long> read =
        ages.results().isZero()
            ? List.of()
            : purgeable(OVER_ALL.formatted(WITH_RESULTS), ages.results());
    int results = 0;
    for (int from = 0; from < read.size(); from += BATCH) {
      results += results(read.subList(from, Math.min(read.size(), from + BATCH)), onlyLook);
    }
    Duration shortest = shortest(ages.events());
    if (shortest.isZero()) {
      return new Purged(
          commands, runtimes, 0, 0, List.of(), results, read.size() == MAX_EXECUTIONS);
    }
    List<Long> old = purgeable(OVER_BY_RULES, ages.events());
    long events = 0;
    for (int from = 0; from < old.size(); from += BATCH) {
      List<Long> some = old.subList(from, Math.min(old.size(), from + BATCH));
      events += executions(some, onlyLook);
      if (!onlyLook) {
        some.forEach(forget::accept);
      }
    }
    List<String> partitions = onlyLook ? List.of() : dropEmptyPartitions(shortest);
    return new Purged(
        commands,
        runtimes,
        old.size(),
        events,
        partitions,
        results,
        old.size() == MAX_EXECUTIONS || read.size() == MAX_EXECUTIONS);
  }

  /** The shortest time that anything is kept; zero = everything is kept for ever. */
  private Duration shortest(Duration usual) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
                  connection.prepareStatement(
                      """
                      select coalesce(min(keep_days), 0) from noetl.retention_rule
                       where keep_days > 0
                      """);
              ResultSet rows = statement.executeQuery()) {
            rows.next();
            Duration ruled = Duration.ofDays(rows.getLong(1));
            return ruled.isZero() || !usual.isZero() && usual.compareTo(ruled) < 0 ? usual : ruled;
          }
        });
  }

  private int commands(Duration age, boolean onlyLook) {
    String where =
        """
         from noetl.command c
         where c.status = 'DEAD'
           and exists (select 1 from noetl.execution e where e.execution_id = c.execution_id
                          and e.ended_at < now() - ? * interval '1 millisecond'
                          and not exists (select 1 from noetl.execution p
                                           where p.execution_id = e.parent_execution_id
                                             and p.ended_at is null))
        """;
    return counted(where, age, onlyLook)
        + counted(
            " from noetl.dead_message where created_at < now() - ? * interval '1 millisecond'",
            age,
            onlyLook);
  }

  private int runtimes(Duration silence, boolean onlyLook) {
    return counted(
        " from noetl.runtime where heartbeat < now() - ? * interval '1 millisecond'",
        silence,
        onlyLook);
  }

  private int counted(String where, Duration age, boolean onlyLook) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  onlyLook ? "select count(*)::int" + where : "delete" + where)) {
            statement.setLong(1, age.toMillis());
            if (!onlyLook) {
              return statement.executeUpdate();
            }
            try (ResultSet rows = statement.executeQuery()) {
              rows.next();
              return rows.getInt(1);
            }
          }
        });
  }

  /** The content goes with the next sweep of results, unless others have the same. */
  private int results(List<Long> ids, boolean onlyLook) {
    Long[] values = ids.toArray(Long[]::new);
    String where = " where execution_id = any(?) and sha is not null and scope <> 'permanent'";
    return database.transaction(
        Pool.BACKGROUND,
        connection ->
            onlyLook
                ? (int) count(connection, "select count(*) from noetl.result" + where, values)
                : (int) update(connection, "update noetl.result set sha = null" + where, values));
  }

  private List<Long> purgeable(String sql, Duration age) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, age.isZero() ? null : age.toMillis() + " milliseconds");
            statement.setInt(2, MAX_EXECUTIONS);
            List<Long> ids = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                ids.add(rows.getLong(1));
              }
            }
            return ids;
          }
        });
  }

  /**
   * @return how many events they had
   */
  private long executions(List<Long> ids, boolean onlyLook) {
    Long[] values = ids.toArray(Long[]::new);
    return database.transaction(
        Pool.BACKGROUND,
        connection -> {
          if (onlyLook) {
            return count(
                connection, "select count(*) from noetl.event where execution_id = any(?)", values);
          }
          update(connection, "delete from noetl.command where execution_id = any(?)", values);
          // Their content goes with the next sweep of results. What is permanent was asked to stay.
          update(
              connection,
              "delete from noetl.result where execution_id = any(?) and scope <> 'permanent'",
              values);
          long events =
              update(connection, "delete from noetl.event where execution_id = any(?)", values);
          update(connection, "delete from noetl.execution where execution_id = any(?)", values);
          return events;
        });
  }

  private static long count(Connection connection, String sql, Long[] ids) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("int8", ids));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private static long update(Connection connection, String sql, Long[] ids) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("int8", ids));
      return statement.executeUpdate();
    }
  }

  private record Partition(String name, long from, long to) {}

  /** Months that are over and of which no execution is left: their files go at once. */
  private List<String> dropEmptyPartitions(Duration age) {
    long oldest = Snowflake.lowerBound(Instant.now().minus(age));
    List<String> dropped = new ArrayList<>();
    for (Partition partition : partitions()) {
      if (partition.to() <= oldest && dropped(partition)) {
        dropped.add(partition.name());
      }
    }
    return dropped;
  }

  private boolean dropped(Partition partition) {
    return database.transaction(
        Pool.BACKGROUND,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            // Whoever waits for the log waits for as long as this takes, so it may not wait itself.
            statement.execute("set local lock_timeout = '2s'");
            statement.execute("lock table noetl.event in access exclusive mode");
          }
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select exists (select 1 from noetl.execution
                                  where execution_id >= ? and execution_id < ?)
                      or exists (select 1 from noetl.event_outbox
                                  where execution_id >= ? and execution_id < ?)
                      or exists (select 1 from noetl.event
                                  where execution_id >= ? and execution_id < ?)
                  """)) {
            for (int i = 0; i < 3; i++) {
              statement.setLong(2 * i + 1, partition.from());
              statement.setLong(2 * i + 2, partition.to());
            }
            try (ResultSet rows = statement.executeQuery()) {
              rows.next();
              if (rows.getBoolean(1)) {
                return false;
              }
            }
          }
          try (Statement statement = connection.createStatement()) {
            statement.execute("drop table noetl." + partition.name());
          }
          return true;
        });
  }

  private List<Partition> partitions() {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
                  connection.prepareStatement(
                      """
                      select c.relname, pg_get_expr(c.relpartbound, c.oid)
                        from pg_inherits i join pg_class c on c.oid = i.inhrelid
                       where i.inhparent = 'noetl.event'::regclass order by c.relname
                      """);
              ResultSet rows = statement.executeQuery()) {
            List<Partition> found = new ArrayList<>();
            while (rows.next()) {
              Partition partition = partition(rows.getString(1), rows.getString(2));
              if (partition != null) {
                found.add(partition);
              }
            }
            return found;
          }
        });
  }

  private static @Nullable Partition partition(String name, String bounds) {
    Matcher matcher = BOUNDS.matcher(bounds);
    return matcher.find() && name.matches("[a-z0-9_]+")
        ? new Partition(name, Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)))
        : null;
  }
}
