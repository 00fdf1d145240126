package io.noetl.journal;

import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes partitions of the log ahead of need, so that its default partition stays empty: one that
 * holds rows cannot be split any more. Any number of servers may do so at once.
 */
public final class PartitionKeeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(PartitionKeeper.class);

  /** How far ahead partitions are made. */
  static final int MONTHS_AHEAD = 12;

  private static final Duration EVERY = Duration.ofHours(6);

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
}
