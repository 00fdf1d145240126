package io.noetl.chaos;

import io.noetl.config.DatabaseConfig;
import io.noetl.config.EmbeddedPostgresConfig;
import io.noetl.postgres.EmbeddedPostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The site's PostgreSQL, with every commit synced to disk. For one thread, but for queries. */
final class OwnDatabase implements AutoCloseable {
  private static final Duration CRASH = Duration.ofSeconds(20);

  private static final long LOOK_MILLIS = 50;
  private static final int MOST_SEGMENTS = 100;

  private final Path folder;
  private final DatabaseConfig config;
  private final @Nullable Volume volume;
  private EmbeddedPostgresServer server;

  /**
   * @param volume the file system of the folder when it has one of its own
   */
  OwnDatabase(Path folder, @Nullable Volume volume) {
    this.folder = folder;
    this.volume = volume;
    server = new EmbeddedPostgresServer(folder, EmbeddedPostgresConfig.defaults());
    server.start();
    config = server.database(DatabaseConfig.defaults());
  }

  /** How to reach it past all gates; the same after every restart. */
  DatabaseConfig config() {
    return config;
  }

  /** An immediate stop: every connection is cut, and the next start recovers from the log. */
  void crash() throws InterruptedException {
    ProcessHandle postmaster = ProcessHandle.of(server.pid()).orElseThrow();
    Signals.send(postmaster, "QUIT");
    long deadline = System.nanoTime() + CRASH.toNanos();
    while (postmaster.isAlive()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Expected PostgreSQL to end at once, but it runs");
      }
      Thread.sleep(10);
    }
    // Gives the folder's lock free; there is nothing left to stop.
    server.close();
  }

  /** Its file system, or null when it shares one. */
  @Nullable Volume volume() {
    return volume;
  }

  /**
   * Waits until it answers; starts it when it has given up, as whoever runs it would.
   *
   * @return whether it had to be started
   */
  boolean recover(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean started = false;
    while (true) {
      try {
        number("select count(*) from pg_database");
        return started;
      } catch (SQLException e) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "Expected PostgreSQL to recover within %d s, but %s"
                  .formatted(patience.toSeconds(), e.getMessage()),
              e);
        }
      }
      if (ProcessHandle.of(server.pid()).filter(ProcessHandle::isAlive).isEmpty()) {
        server.close();
        start();
        started = true;
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  /**
   * Uses up the files of the write-ahead log that are there already: on a full disk the next one
   * cannot be made, and PostgreSQL gives up in the middle of a commit.
   *
   * @return whether it did
   */
  boolean exhaustLog() {
    for (int i = 0; i < MOST_SEGMENTS; i++) {
      try {
        rows("select pg_logical_emit_message(true, 'chaos', 'full'), pg_switch_wal()");
      } catch (SQLException e) {
        return true;
      }
    }
    return false;
  }

  /** Starts again after {@link #crash}, on the same port and data. */
  void start() {
    EmbeddedPostgresConfig defaults = EmbeddedPostgresConfig.defaults();
    server =
        new EmbeddedPostgresServer(
            folder,
            new EmbeddedPostgresConfig(
                config.port(),
                defaults.cacheFolder(),
                defaults.sharedBuffers(),
                defaults.maxWalSize(),
                defaults.maxConnections(),
                defaults.startTimeout(),
                defaults.stopTimeout()));
    server.start();
  }

  /** Ends every connection but its own. */
  int terminateAll() throws SQLException {
    return rows("select pg_terminate_backend(pid) from pg_stat_activity"
            + " where backend_type = 'client backend' and pid <> pg_backend_pid()")
        .size();
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(config.jdbcUrl(), config.user(), config.password().reveal());
  }

  /** All rows of a query, as texts; null is the text {@code null}. */
  List<List<String>> rows(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<List<String>> rows = new ArrayList<>();
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(String.valueOf(result.getString(i)));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  /** The number that a query comes to. */
  long number(String sql) throws SQLException {
    return Long.parseLong(rows(sql).getFirst().getFirst());
  }

  @Override
  public void close() {
    server.close();
  }
}
