package io.noetl.query;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * How much waits, at a cost that does not grow with it: small tables are counted, of large ones
 * about {@value #PAGES} pages are read, picked at random, and what is in them stands for the rest.
 * Safe for use by many threads.
 */
public final class Backlog {
  /** Pages (of 8 KiB) of each table that a sample reads. */
  private static final int PAGES = 2_000;

  private static final double ALL = 100;

  private final Database database;

  public Backlog(Database database) {
    this.database = database;
  }

  /**
   * @param outbox events that are not in the log yet
   * @param commands by pool, those that nobody has claimed; pools without any are absent
   */
  public record Sample(long outbox, Map<String, Long> commands) {
    public Sample {
      commands = Map.copyOf(commands);
    }
  }

  /**
   * @throws io.noetl.postgres.DatabaseException when the database failed
   */
  public Sample sample() {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          double outboxPart;
          double commandPart;
          try (PreparedStatement sizes =
                  connection.prepareStatement(
                      """
                      select pg_relation_size('noetl.event_outbox') / block,
                             pg_relation_size('noetl.command') / block
                        from (select current_setting('block_size')::bigint as block) settings
                      """);
              ResultSet rows = sizes.executeQuery()) {
            rows.next();
            outboxPart = percent(rows.getLong(1));
            commandPart = percent(rows.getLong(2));
          }
          return new Sample(outbox(connection, outboxPart), commands(connection, commandPart));
        });
  }

  private static double percent(long pages) {
    return pages <= PAGES ? ALL : ALL * PAGES / pages;
  }

  private static long outbox(Connection connection, double percent) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select count(*) from noetl.event_outbox tablesample system (?)")) {
      statement.setFloat(1, (float) percent);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return whole(rows.getLong(1), percent);
      }
    }
  }

  private static Map<String, Long> commands(Connection connection, double percent)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select pool, count(*) from noetl.command tablesample system (?)
             where status = 'PENDING' group by pool
            """)) {
      statement.setFloat(1, (float) percent);
      try (ResultSet rows = statement.executeQuery()) {
        Map<String, Long> counts = new HashMap<>();
        while (rows.next()) {
          counts.put(rows.getString(1), whole(rows.getLong(2), percent));
        }
        return counts;
      }
    }
  }

  private static long whole(long counted, double percent) {
    return Math.round(counted * ALL / percent);
  }
}
