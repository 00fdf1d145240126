package io.noetl.tool.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The connections to one address. Fails at once when the server refuses one, and keeps no thread of
 * its own. Safe for use by many threads.
 */
final class PgPool {
  /** A connection that has been used this recently is taken to be alive. */
  private static final Duration TRUSTED = Duration.ofSeconds(2);

  private static final int CHECK_SECONDS = 5;

  private final PgAddress address;
  private final PostgresSettings settings;
  private final PGSimpleDataSource source;
  private final Semaphore free;
  private final Deque<Kept> kept = new ArrayDeque<>();
  private final PgArrays arrays = new PgArrays();
  private long lastUse = System.nanoTime();
  private int users;
  private boolean closed;

  PgPool(PgAddress address, PostgresSettings settings) {
    this.address = address;
    this.settings = settings;
    this.source = source(address, settings);
    this.free = new Semaphore(settings.poolConnections(), true);
  }

  /**
   * A connection with the time it was made.
   *
   * @param since nanoseconds, when it was last used
   */
  record Kept(Connection connection, long made, long since) {}

  PgArrays arrays() {
    return arrays;
  }

  /** Counts a user, so that the pool is not closed under it. */
  synchronized void enter() {
    users++;
  }

  synchronized void leave() {
    users--;
    lastUse = System.nanoTime();
  }

  /** Whether nobody has used the pool for this long. */
  synchronized boolean unused(Duration time) {
    return users == 0 && System.nanoTime() - lastUse >= time.toNanos();
  }

  synchronized long lastUse() {
    return lastUse;
  }

  /** A connection in autocommit; {@link #give} takes it back. */
  Kept take() throws SQLException, InterruptedException {
    Duration limit = settings.connectionTimeout();
    if (!free.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new SQLTransientConnectionException(
          "Expected a free connection to "
              + address.place()
              + " within "
              + limit.toMillis()
              + " ms (postgres.connection-timeout), but all "
              + settings.poolConnections()
              + " (postgres.pool-connections) are in use",
          "08000");
    }
    boolean taken = false;
    try {
      Kept connection = usable();
      if (connection == null) {
        Connection made = source.getConnection();
        connection = new Kept(made, System.nanoTime(), System.nanoTime());
      }
      taken = true;
      return connection;
    } finally {
      if (!taken) {
        free.release();
      }
    }
  }

  private @Nullable Kept usable() {
    while (true) {
      Kept connection;
      synchronized (this) {
        connection = kept.pollLast();
      }
      if (connection == null) {
        return null;
      }
      long now = System.nanoTime();
      boolean old = now - connection.made() > settings.maxLifetime().toNanos();
      if (!old && (now - connection.since() < TRUSTED.toNanos() || alive(connection))) {
        return connection;
      }
      close(connection.connection());
    }
  }

  private static boolean alive(Kept connection) {
    try {
      return connection.connection().isValid(CHECK_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * @param reusable whether its session is as it was at the beginning
   */
  void give(Kept connection, boolean reusable) {
    boolean keep;
    synchronized (this) {
      keep = reusable && !closed;
      if (keep) {
        kept.addLast(new Kept(connection.connection(), connection.made(), System.nanoTime()));
      }
    }
    if (!keep) {
      close(connection.connection());
    }
    free.release();
  }

  /** Closes connections that have been idle for too long. */
  void sweep() {
    List<Kept> idle = new ArrayList<>();
    synchronized (this) {
      long now = System.nanoTime();
      while (!kept.isEmpty() && now - kept.getFirst().since() >= settings.idleTimeout().toNanos()) {
        idle.add(kept.removeFirst());
      }
    }
    idle.forEach(connection -> close(connection.connection()));
  }

  /** Connections that are open and not in use. */
  synchronized int idle() {
    return kept.size();
  }

  void close() {
    List<Kept> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(kept);
      kept.clear();
    }
    all.forEach(connection -> close(connection.connection()));
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // It is gone, which is what was wanted.
      return;
    }
  }

  private static PGSimpleDataSource source(PgAddress address, PostgresSettings settings) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {address.host()});
    source.setPortNumbers(new int[] {address.port()});
    source.setDatabaseName(address.database());
    source.setUser(address.user());
    source.setPassword(address.password());
    source.setApplicationName("noetl-worker");
    int seconds = (int) Math.max(1, settings.connectionTimeout().toSeconds());
    source.setConnectTimeout(seconds);
    source.setLoginTimeout(seconds);
    source.setTcpKeepAlive(true);
    // Values are read and written in the server's text form, and take the types it infers.
    source.setBinaryTransfer(false);
    source.setStringType("unspecified");
    // Sessions are put back to their beginning, so a statement prepared there would never be met.
    source.setPrepareThreshold(0);
    source.setReWriteBatchedInserts(true);
    source.setMaxResultBuffer(String.valueOf(settings.resultLimit()));
    if (!address.sslMode().isEmpty()) {
      source.setSslMode(address.sslMode());
    }
    if (!address.sslRootCert().isEmpty()) {
      source.setSslRootCert(address.sslRootCert());
    }
    if (!address.options().isEmpty()) {
      source.setOptions(address.options());
    }
    return source;
  }
}
