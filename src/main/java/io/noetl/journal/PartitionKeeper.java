package io.noetl.journal;

import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes partitions of the log ahead of need, so that its default partition stays empty: one that
 * holds rows cannot be split any more. And brings their indexes of event ids up to date: these are
 * of block ranges, and a range that nobody has summarized yet is read whole at every search;
 * PostgreSQL itself does it at a vacuum, which a log that only grows sees rarely, and one that
 * crashes now and then perhaps never. Any number of servers may do so at once.
 */
public final class PartitionKeeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(PartitionKeeper.class);

  /** How far ahead partitions are made. */
  static final int MONTHS_AHEAD = 12;

  private static final Duration EVERY = Duration.ofMinutes(1);

  /** How long the lock of one partition is waited for, which a vacuum may hold for hours. */
  private static final Duration LOCK_PATIENCE = Duration.ofMillis(200);

  /** SQLSTATE of a lock that was not to be had in time. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final DataSource database;
  private final Rounds rounds;

  /**
   * @param progress stale only after more than {@link #interval}
   */
  public PartitionKeeper(DataSource database, Progress.Loop progress) {
    this.database = database;
    this.rounds =
        new Rounds(
            "partition keeper",
            EVERY,
            progress,
            Set.of(JournalUnavailableException.class),
            this::round);
  }

  /** How often it looks. */
  public static Duration interval() {
    return EVERY;
  }

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void close() {
    rounds.close();
  }

  private Rounds.Next round() {
    try {
      int made = keep();
      if (made > 0) {
        log.info("made {} partitions of the event log", made);
      }
      summarize();
      return Rounds.Next.LATER;
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  /** Makes what is missing and returns how many there were. */
  int keep() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select noetl.ensure_event_partitions(?)")) {
      statement.setInt(1, MONTHS_AHEAD);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getInt(1) : 0;
      }
    }
  }

  /**
   * Brings the indexes of event ids up to date and returns how many block ranges that took. A
   * partition that is being vacuumed, or kept by another server right now, has its turn next time.
   */
  int summarize() throws SQLException {
    int ranges = 0;
    try (Connection connection = database.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        for (String index : indexes(statement)) {
          ranges += summarize(connection, statement, index);
        }
      } finally {
        connection.rollback();
        connection.setAutoCommit(autoCommit);
      }
    }
    return ranges;
  }

  private static List<String> indexes(Statement statement) throws SQLException {
    List<String> indexes = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery(
            """
            select c.oid::regclass::text from pg_partition_tree('noetl.event_event_id') t
              join pg_class c on c.oid = t.relid
             where t.isleaf
            """)) {
      while (rows.next()) {
        indexes.add(rows.getString(1));
      }
    }
    return indexes;
  }

  private static int summarize(Connection connection, Statement statement, String index)
      throws SQLException {
    try {
      statement.execute("set local lock_timeout = " + LOCK_PATIENCE.toMillis());
      try (ResultSet rows =
          statement.executeQuery("select brin_summarize_new_values('" + index + "')")) {
        int ranges = rows.next() ? rows.getInt(1) : 0;
        connection.commit();
        return ranges;
      }
    } catch (SQLException e) {
      connection.rollback();
      if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        log.debug("the index {} is summarized later: {}", index, e.getMessage());
        return 0;
      }
      throw e;
    }
  }
}
