package io.noetl.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.noetl.config.DatabaseConfig;
import io.noetl.postgres.DatabaseException.Kind;
import io.noetl.support.Backoff;
import io.noetl.support.Lifecycle;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * The platform's database: one pool of connections per use, and transactions on them. Made once per
 * process; {@link #start} waits for the server, then asserts that it keeps what it acknowledges.
 *
 * <p>Safe for use by many threads between {@code start} and {@code close}.
 */
public final class Database implements Lifecycle {
  /** Oldest server that the SQL of this program runs on, as {@code server_version_num}. */
  public static final int OLDEST_SERVER = 160_000;

  private static final Duration FIRST_RETRY = Duration.ofMillis(50);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);
  private static final Duration CONNECTION_LIFE = Duration.ofMinutes(30);
  private static final Duration KEEP_ALIVE = Duration.ofMinutes(2);

  /** What connections are used for; each has its own pool. */
  public enum Pool {
    /** Appends, claims and reports: the hot path that must always get through. */
    APPEND,
    /** Reads of the API. */
    READ,
    /** Loops: publisher, projector, sweeps, leases. */
    BACKGROUND;

    private int connections(DatabaseConfig config) {
      return switch (this) {
        case APPEND -> config.appendConnections();
        case READ -> config.readConnections();
        case BACKGROUND -> config.backgroundConnections();
      };
    }
  }

  private final DatabaseConfig config;
  private final String role;
  private final @Nullable MeterRegistry meters;
  private final Consumer<String> waiting;
  private final Map<Pool, HikariDataSource> pools = new EnumMap<>(Pool.class);

  /**
   * @param role shown in {@code application_name} on the server, such as {@code server}
   * @param meters receives the figures of the pools, or null
   * @param waiting told why the start waits, each time the reason changes; for log and readiness
   */
  public Database(
      DatabaseConfig config,
      String role,
      @Nullable MeterRegistry meters,
      Consumer<String> waiting) {
    if (!config.configured()) {
      throw new IllegalArgumentException(
          "Expected the address of PostgreSQL, but database.host (POSTGRES_HOST) is not set");
    }
    this.config = config;
    this.role = role;
    this.meters = meters;
    this.waiting = waiting;
  }

  /**
   * Waits until the server answers, at most {@code database.start-timeout}, checks that it is fit,
   * and opens the pools.
   *
   * @throws DatabaseException when it does not answer in time, refuses the login, lacks the
   *     database, or does not sync its commits to disk
   */
  @Override
  public void start() {
    awaitServer();
    for (Pool pool : Pool.values()) {
      pools.put(pool, open(pool));
    }
  }

  /** Closes all pools; connections in use are ended. */
  @Override
  public void close() {
    pools.values().forEach(HikariDataSource::close);
  }

  public DatabaseConfig config() {
    return config;
  }

  /**
   * Runs the work in one transaction and commits it. When the method returns, the commit is on
   * disk.
   *
   * @throws DatabaseException when a statement or the commit fails; the transaction is rolled back,
   *     unless {@link DatabaseException#outcomeUnknown} says that nobody knows
   */
  public <T extends @Nullable Object> T transaction(Pool pool, SqlWork<T> work) {
    boolean committing = false;
    try (Connection connection = dataSource(pool).getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.on(connection);
        committing = true;
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException | Error e) {
        rollback(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw DatabaseErrors.of(e, config, committing);
    }
  }

  /**
   * Runs the work with each statement in a transaction of its own, as single reads want it.
   *
   * @throws DatabaseException when a statement fails
   */
  public <T extends @Nullable Object> T autocommit(Pool pool, SqlWork<T> work) {
    try (Connection connection = dataSource(pool).getConnection()) {
      return work.on(connection);
    } catch (SQLException e) {
      throw DatabaseErrors.of(e, config);
    }
  }

  /**
   * One composed statement in a transaction of its own.
   *
   * @throws DatabaseException when it fails
   */
  public <T extends @Nullable Object> T query(Pool pool, Function<DSLContext, T> work) {
    return autocommit(pool, connection -> composed(connection, work));
  }

  /**
   * Composed statements on a connection that {@link #transaction} or {@link #autocommit} lent.
   *
   * @throws SQLException the database's own, which says more than the library's around it
   */
  public static <T extends @Nullable Object> T composed(
      Connection connection, Function<DSLContext, T> work) throws SQLException {
    try {
      return work.apply(dsl(connection));
    } catch (DataAccessException e) {
      SQLException cause = e.getCause(SQLException.class);
      if (cause == null) {
        throw e;
      }
      throw cause;
    }
  }

  /** Composed queries on a connection that {@link #transaction} or {@link #autocommit} lent. */
  public static DSLContext dsl(Connection connection) {
    return DSL.using(connection, SQLDialect.POSTGRES);
  }

  /**
   * @throws IllegalStateException before {@link #start}
   */
  public DataSource dataSource(Pool pool) {
    HikariDataSource source = pools.get(pool);
    if (source == null) {
      throw new IllegalStateException("Expected the database to be started, but it is not");
    }
    return source;
  }

  public PoolStatus status(Pool pool) {
    HikariDataSource source = pools.get(pool);
    HikariPoolMXBean bean = source == null ? null : source.getHikariPoolMXBean();
    if (source == null || bean == null) {
      return new PoolStatus(0, pool.connections(config), 0, 0, 0);
    }
    return new PoolStatus(
        source.getMinimumIdle(),
        source.getMaximumPoolSize(),
        bean.getTotalConnections(),
        bean.getIdleConnections(),
        bean.getThreadsAwaitingConnection());
  }

  /** Whether the server answers a trivial statement now. */
  public boolean answers() {
    try {
      return autocommit(Pool.BACKGROUND, connection -> connection.isValid(2));
    } catch (DatabaseException e) {
      return false;
    }
  }

  /** One connection outside all pools, for a start-up check or a tool; the caller closes it. */
  static Connection connect(DatabaseConfig config, String applicationName) {
    try {
      return open(config, applicationName);
    } catch (SQLException e) {
      throw DatabaseErrors.of(e, config);
    }
  }

  /** One connection outside all pools, for who keeps one of his own; the caller closes it. */
  public static Connection open(DatabaseConfig config, String applicationName) throws SQLException {
    Properties properties = new Properties();
    properties.putAll(properties(config, applicationName));
    return DriverManager.getConnection(config.jdbcUrl(), properties);
  }

  /**
   * Reads on a connection of its own, outside all pools, in one transaction that sees one snapshot
   * and writes nothing.
   *
   * @throws DatabaseException when the database cannot be reached or fails
   */
  public static <T extends @Nullable Object> T snapshot(
      DatabaseConfig config, String applicationName, SqlWork<T> work) {
    try (Connection connection = open(config, applicationName)) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      T result = work.on(connection);
      connection.rollback();
      return result;
    } catch (SQLException e) {
      throw DatabaseErrors.of(e, config);
    }
  }

  /** One connection of the driver that calls back on notifications; the caller closes it. */
  public static Connection openListener(DatabaseConfig config, String applicationName)
      throws SQLException {
    Properties properties = new Properties();
    properties.put("user", config.user());
    properties.put("password", config.password().reveal());
    properties.put("application.name", applicationName);
    properties.put("ssl.mode", config.sslMode().word());
    return DriverManager.getConnection(
        "jdbc:pgsql://" + config.host() + ":" + config.port() + "/" + config.name(), properties);
  }

  private void awaitServer() {
    awaitServer(config, "noetl-" + role + "-start", waiting);
  }

  /**
   * Waits for the server, at most {@code database.start-timeout}, and checks that it is fit.
   *
   * @param waiting told each new reason for waiting
   * @throws DatabaseException of the last try, when waiting does not or did not help
   */
  static void awaitServer(DatabaseConfig config, String applicationName, Consumer<String> waiting) {
    Backoff backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY, ThreadLocalRandom.current());
    long deadline = System.nanoTime() + config.startTimeout().toNanos();
    String told = "";
    while (true) {
      try (Connection connection = connect(config, applicationName)) {
        assertFit(connection, config);
        return;
      } catch (SQLException e) {
        throw DatabaseErrors.of(e, config);
      } catch (DatabaseException e) {
        Duration pause = backoff.next();
        if (!e.retryable() || System.nanoTime() + pause.toNanos() > deadline) {
          throw e;
        }
        String reason = String.valueOf(e.getMessage());
        if (!reason.equals(told)) {
          waiting.accept(reason);
          told = reason;
        }
        pause(pause, e);
      }
    }
  }

  private static void pause(Duration pause, DatabaseException reason) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw reason;
    }
  }

  /** Accepted means durable: a server that acknowledges before it syncs is refused. */
  private static void assertFit(Connection connection, DatabaseConfig config) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select current_setting('server_version_num')::int, current_setting('fsync'),
                  current_setting('full_page_writes'), current_setting('synchronous_commit')\
                """)) {
      row.next();
      int version = row.getInt(1);
      if (version < OLDEST_SERVER) {
        throw unfit(
            config, "version " + OLDEST_SERVER / 10_000 + " or newer", "it is " + version / 10_000);
      }
      if (!row.getString(2).equals("on") || !row.getString(3).equals("on")) {
        throw unfit(
            config,
            "fsync and full_page_writes on",
            "fsync is " + row.getString(2) + " and full_page_writes is " + row.getString(3));
      }
      String commit = row.getString(4);
      if (!commit.equals("on") && !commit.equals("remote_apply")) {
        throw unfit(
            config,
            "synchronous_commit on",
            "it is "
                + commit
                + " (alter role \""
                + config.user()
                + "\" set synchronous_commit = on)");
      }
    }
  }

  private static DatabaseException unfit(DatabaseConfig config, String expected, String found) {
    return new DatabaseException(
        Kind.UNFIT_SERVER,
        "Expected PostgreSQL at " + config.place() + " with " + expected + ", but " + found);
  }

  private HikariDataSource open(Pool pool) {
    String name = "noetl-" + role + "-" + pool.name().toLowerCase(Locale.ROOT);
    int connections = pool.connections(config);
    HikariConfig hikari = new HikariConfig();
    hikari.setPoolName(name);
    hikari.setJdbcUrl(config.jdbcUrl());
    Map<String, String> properties = properties(config, name);
    if (pool == Pool.APPEND) {
      // Few texts for ever, each answered by keys: planning one each time costs as much as running
      // it. A plan that is kept must not read a table because it was small when it was made.
      properties.merge(
          "options",
          " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off",
          String::concat);
    }
    properties.forEach(hikari::addDataSourceProperty);
    hikari.setMaximumPoolSize(connections);
    // Bursts are the rule and a connection costs milliseconds, but an idle role should be cheap.
    hikari.setMinimumIdle(Math.min(2, connections));
    hikari.setConnectionTimeout(config.connectionTimeout().toMillis());
    hikari.setValidationTimeout(Math.min(2_000, config.connectionTimeout().toMillis()));
    hikari.setMaxLifetime(CONNECTION_LIFE.toMillis());
    hikari.setKeepaliveTime(KEEP_ALIVE.toMillis());
    // The server was reached a moment ago; a pool that fills in the background starts faster.
    hikari.setInitializationFailTimeout(-1);
    if (meters != null) {
      hikari.setMetricRegistry(meters);
    }
    return new HikariDataSource(hikari);
  }

  /** Settings of every connection, in the driver's words. */
  static Map<String, String> properties(DatabaseConfig config, String applicationName) {
    Map<String, String> properties = new HashMap<>();
    properties.put("user", config.user());
    properties.put("password", config.password().reveal());
    properties.put("ApplicationName", applicationName);
    properties.put("sslmode", config.sslMode().word());
    properties.put("gssEncMode", "disable");
    properties.put("connectTimeout", seconds(config.connectionTimeout()));
    properties.put("loginTimeout", seconds(config.connectionTimeout()));
    properties.put("socketTimeout", seconds(config.socketTimeout()));
    properties.put("tcpKeepAlive", "true");
    // Few statements, used for ever: parse each once per connection.
    properties.put("prepareThreshold", "2");
    properties.put("preparedStatementCacheQueries", "256");
    properties.put("reWriteBatchedInserts", "true");
    properties.put(
        "options",
        "-c statement_timeout="
            + config.statementTimeout().toMillis()
            + " -c idle_in_transaction_session_timeout="
            + config.socketTimeout().toMillis()
            + " -c timezone=UTC -c jit=off");
    return properties;
  }

  private static String seconds(Duration duration) {
    return Long.toString(Math.max(1, duration.toSeconds()));
  }

  private static void rollback(Connection connection, Throwable cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      // The connection is gone, and with it the transaction.
      cause.addSuppressed(e);
    }
  }
}
