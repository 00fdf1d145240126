package io.noetl.config;

import java.time.Duration;

/**
 * The postgres tool of a worker. The platform's own database is set in section {@code database}.
 *
 * @param maxPools addresses that are connected to at once
 * @param poolConnections connections per address
 * @param connectionTimeout longest wait for a free connection, and for making one
 * @param idleTimeout when a connection nobody uses is closed
 * @param maxLifetime when a connection is replaced
 * @param fetchSize rows read at a time
 * @param resultLimit most bytes of a result as JSON, about
 */
public record PostgresConfig(
    int maxPools,
    int poolConnections,
    Duration connectionTimeout,
    Duration idleTimeout,
    Duration maxLifetime,
    int fetchSize,
    long resultLimit) {

  public PostgresConfig {
    new Checks("postgres")
        .range("max-pools", maxPools, 1, 10_000)
        .range("pool-connections", poolConnections, 1, 1_000)
        .range(
            "connection-timeout", connectionTimeout, Duration.ofMillis(100), Duration.ofMinutes(10))
        .range("idle-timeout", idleTimeout, Duration.ofSeconds(1), Duration.ofHours(24))
        .range("max-lifetime", maxLifetime, Duration.ofSeconds(10), Duration.ofDays(7))
        .range("fetch-size", fetchSize, 1, 1_000_000)
        .bytes("result-limit", resultLimit, 1, 1L << 30)
        .done();
  }

  static PostgresConfig from(Values values) {
    return new PostgresConfig(
        values.integer("max-pools", 32, "Databases that the postgres tool is connected to at once"),
        values.integer("pool-connections", 8, "Connections of the postgres tool per database"),
        values.duration(
            "connection-timeout",
            Duration.ofSeconds(10),
            "Longest wait for a free connection, and for making one"),
        values.duration(
            "idle-timeout", Duration.ofMinutes(1), "When a connection nobody uses is closed"),
        values.duration("max-lifetime", Duration.ofMinutes(30), "When a connection is replaced"),
        values.integer("fetch-size", 500, "Rows read at a time"),
        values.bytes("result-limit", 64L << 20, "Most bytes of a result as JSON, about"));
  }

  /** The values that hold when nothing is set. */
  public static PostgresConfig defaults() {
    return from(Values.defaults("postgres"));
  }
}
