package io.noetl.config;

import java.time.Duration;
import java.util.Locale;

/**
 * How PostgreSQL is reached and how many connections each use may hold. Pools stand apart so that a
 * flood of reads cannot take the connections that finish work.
 *
 * @param host empty when none is configured: mode {@code all} then brings its own server
 * @param appendConnections for writes on the hot path: appends, claims, reports
 * @param readConnections for reads of the API
 * @param backgroundConnections for loops: publisher, projector, sweeps, leases
 * @param connectionTimeout longest wait for a free connection, and for making one
 * @param socketTimeout longest wait for an answer on a connection before it counts as dead
 * @param statementTimeout after which the server ends a statement
 * @param startTimeout how long a starting role waits for the database before it gives up
 */
public record DatabaseConfig(
    String host,
    int port,
    String name,
    String user,
    Secret password,
    SslMode sslMode,
    int appendConnections,
    int readConnections,
    int backgroundConnections,
    Duration connectionTimeout,
    Duration socketTimeout,
    Duration statementTimeout,
    Duration startTimeout) {

  /** Whether the connection is encrypted and whom it trusts; the driver's own words. */
  public enum SslMode {
    DISABLE,
    PREFER,
    REQUIRE,
    VERIFY_CA,
    VERIFY_FULL;

    /** The word that the driver knows. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public DatabaseConfig {
    new Checks("database")
        .range("port", port, 1, 65_535)
        .notBlank("name", name)
        .notBlank("user", user)
        .range("append-connections", appendConnections, 1, 500)
        .range("read-connections", readConnections, 1, 500)
        .range("background-connections", backgroundConnections, 1, 500)
        .range(
            "connection-timeout", connectionTimeout, Duration.ofMillis(250), Duration.ofMinutes(5))
        .range("socket-timeout", socketTimeout, Duration.ofSeconds(1), Duration.ofHours(1))
        .range("statement-timeout", statementTimeout, Duration.ofSeconds(1), Duration.ofHours(1))
        .range("start-timeout", startTimeout, Duration.ZERO, Duration.ofHours(1))
        .done();
  }

  static DatabaseConfig from(Values values) {
    return new DatabaseConfig(
        values.text(
            "host", "", "Host name or address of PostgreSQL; empty: mode all brings its own"),
        values.integer("port", 5432, "TCP port of PostgreSQL"),
        values.text("name", "noetl", "Name of the database"),
        values.text("user", "noetl", "Role to log in as"),
        values.secret("password", "Password of the role"),
        values.choice(
            "ssl-mode", SslMode.PREFER, SslMode.class, "Encryption of connections to PostgreSQL"),
        values.integer("append-connections", 8, "Connections for appends, claims and reports"),
        values.integer("read-connections", 8, "Connections for reads of the API"),
        values.integer("background-connections", 4, "Connections for the loops of the process"),
        values.duration(
            "connection-timeout",
            Duration.ofSeconds(5),
            "Longest wait for a free connection, and for making one"),
        values.duration(
            "socket-timeout",
            Duration.ofSeconds(60),
            "Longest wait for an answer before a connection counts as dead"),
        values.duration(
            "statement-timeout", Duration.ofSeconds(30), "When PostgreSQL ends a statement"),
        values.duration(
            "start-timeout",
            Duration.ofSeconds(60),
            "How long a starting role waits for the database"));
  }

  /** The values that hold when nothing is set. */
  public static DatabaseConfig defaults() {
    return from(Values.defaults("database"));
  }

  /** Whether a server is configured at all. */
  public boolean configured() {
    return !host.isBlank();
  }

  /** The same settings for another server, as when the process brings its own. */
  public DatabaseConfig at(
      String newHost, int newPort, String newName, String newUser, Secret newPassword) {
    return new DatabaseConfig(
        newHost,
        newPort,
        newName,
        newUser,
        newPassword,
        sslMode,
        appendConnections,
        readConnections,
        backgroundConnections,
        connectionTimeout,
        socketTimeout,
        statementTimeout,
        startTimeout);
  }

  /** The address for the JDBC driver, without user and password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://"
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port
        + "/"
        + name;
  }

  /** The place in words for messages: {@code host:port/name as user}. */
  public String place() {
    return host + ":" + port + "/" + name + " as " + user;
  }
}
