package io.noetl.tool.postgres;

import io.noetl.tool.sql.Canceller;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Connections by address: a bounded number of pools, of which those that nobody uses are closed.
 * Safe for use by many threads.
 */
public final class PgPools implements AutoCloseable {
  private final PostgresSettings settings;
  private final Map<PgAddress, PgPool> pools = new LinkedHashMap<>();
  private @Nullable Thread sweeper;
  private boolean closed;

  public PgPools(PostgresSettings settings) {
    this.settings = settings;
  }

  public PostgresSettings settings() {
    return settings;
  }

  /**
   * A connection for the rest of the work. It goes back to its pool when the work's result has been
   * handed over; a session that cannot be put back to its beginning is closed.
   *
   * @throws SQLException when the server refuses one, or none is free in time
   */
  private PgConnection connect(PgAddress address, Canceller canceller) throws SQLException {
    PgPool pool = enter(address);
    PgPool.Kept taken;
    try {
      taken = canceller.waiting(pool::take);
    } catch (SQLException | RuntimeException e) {
      pool.leave();
      throw e;
    }
    Connection connection = taken.connection();
    canceller.on(connection);
    canceller.afterwards(
        () -> {
          canceller.on(null);
          pool.give(taken, !canceller.cancelled() && reset(connection));
          pool.leave();
        });
    return new PgConnection(connection, pool.arrays());
  }

  /** A connection that looks into the target's schema first. */
  public PgConnection connect(PgAddresses.Target target, Canceller canceller) throws SQLException {
    PgConnection connected = connect(target.address(), canceller);
    String schema = target.schema();
    if (schema != null) {
      try (PreparedStatement statement =
          connected.connection().prepareStatement("select set_config('search_path', ?, false)")) {
        statement.setString(1, schema);
        statement.execute();
      }
    }
    return connected;
  }

  /** Ends what the call left open, and forgets what it set, prepared, locked or created. */
  private static boolean reset(Connection connection) {
    try {
      if (connection.isClosed()) {
        return false;
      }
      TransactionState state = connection.unwrap(BaseConnection.class).getTransactionState();
      if (!connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
      } else if (state != TransactionState.IDLE) {
        execute(connection, "rollback");
      }
      execute(connection, "discard all");
      connection.clearWarnings();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private PgPool enter(PgAddress address) throws SQLException {
    PgPool dropped = null;
    PgPool pool;
    synchronized (this) {
      if (closed) {
        throw new SQLTransientConnectionException("The worker is stopping", "57P01");
      }
      pool = pools.get(address);
      if (pool == null) {
        if (pools.size() >= settings.maxPools()) {
          dropped = dropOldest();
        }
        pool = new PgPool(address, settings);
        pools.put(address, pool);
        startSweeper();
      }
      pool.enter();
    }
    if (dropped != null) {
      dropped.close();
    }
    return pool;
  }

  private PgPool dropOldest() throws SQLException {
    Optional<Map.Entry<PgAddress, PgPool>> oldest =
        pools.entrySet().stream()
            .filter(entry -> entry.getValue().unused(Duration.ZERO))
            .min(Comparator.comparingLong(entry -> entry.getValue().lastUse()));
    if (oldest.isEmpty()) {
      throw new SQLTransientConnectionException(
          "Expected at most "
              + settings.maxPools()
              + " databases in use at once (postgres.max-pools), but this is one more",
          "08000");
    }
    pools.remove(oldest.get().getKey());
    return oldest.get().getValue();
  }

  /** Runs while there are pools. */
  private void startSweeper() {
    if (sweeper == null) {
      sweeper = Thread.ofVirtual().name("postgres-idle").start(this::sweepUntilEmpty);
    }
  }

  private void sweepUntilEmpty() {
    while (true) {
      try {
        Thread.sleep(settings.idleTimeout().dividedBy(2));
      } catch (InterruptedException e) {
        return; // closed
      }
      List<PgPool> unused = new ArrayList<>();
      List<PgPool> others;
      boolean empty;
      synchronized (this) {
        pools.values().removeIf(pool -> pool.unused(settings.idleTimeout()) && unused.add(pool));
        others = List.copyOf(pools.values());
        empty = pools.isEmpty();
        if (empty) {
          sweeper = null;
        }
      }
      unused.forEach(PgPool::close);
      others.forEach(PgPool::sweep);
      if (empty) {
        return;
      }
    }
  }

  /** Pools that are open. */
  synchronized int size() {
    return pools.size();
  }

  /** Closes all pools; connections in use are closed when they come back. */
  @Override
  public void close() {
    List<PgPool> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(pools.values());
      pools.clear();
      if (sweeper != null) {
        sweeper.interrupt();
        sweeper = null;
      }
    }
    all.forEach(PgPool::close);
  }
}
