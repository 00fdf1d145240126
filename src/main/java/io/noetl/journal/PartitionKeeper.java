package io.noetl.journal;

import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
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
  private static final Duration RETRY = Duration.ofMinutes(1);

  private final DataSource database;
  private final Progress.Loop progress;
  private volatile @Nullable Thread thread;

  /**
   * @param progress stale only after more than {@link #interval}
   */
  public PartitionKeeper(DataSource database, Progress.Loop progress) {
    this.database = database;
    this.progress = progress;
  }

  /** How often it looks. */
  public static Duration interval() {
    return EVERY;
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("partition-keeper").start(this::run);
  }

  private void run() {
    while (true) {
      try {
        Duration pause = EVERY;
        try {
          int made = keep();
          if (made > 0) {
            log.info("made {} partitions of the event log", made);
          }
          progress.moved();
        } catch (SQLException e) {
          log.warn("partitions of the event log were not made: {}", e.getMessage());
          pause = RETRY;
        } catch (RuntimeException e) {
          // A fault of ours. The loop must not end in silence; months are left to mend it.
          log.error("partitions of the event log were not made, trying again", e);
          pause = RETRY;
        }
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        // Only close interrupts.
        return;
      }
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

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      try {
        running.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
