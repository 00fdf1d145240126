package io.noetl.tool.postgres;

import java.time.Duration;

/**
 * Settings of the postgres tool.
 *
 * @param maxPools {@code postgres.max-pools}: addresses that are connected to at once; default 32
 * @param poolConnections {@code postgres.pool-connections}: connections per address; default 8
 * @param connectionTimeout {@code postgres.connection-timeout}: longest wait for a free connection,
 *     and for making one; default 10 s
 * @param idleTimeout {@code postgres.idle-timeout}: when a connection nobody uses is closed;
 *     default 1 min
 * @param maxLifetime {@code postgres.max-lifetime}: when a connection is replaced; default 30 min
 * @param fetchSize {@code postgres.fetch-size}: rows read at a time; default 500
 * @param resultLimit {@code postgres.result-limit}: most bytes of a result as JSON, about; default
 *     64 MiB
 */
public record PostgresSettings(
    int maxPools,
    int poolConnections,
    Duration connectionTimeout,
    Duration idleTimeout,
    Duration maxLifetime,
    int fetchSize,
    long resultLimit) {

  public static final PostgresSettings DEFAULT =
      new PostgresSettings(
          32,
          8,
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofMinutes(30),
          500,
          64L << 20);

  public PostgresSettings {
    if (maxPools < 1 || poolConnections < 1 || fetchSize < 1 || resultLimit < 1) {
      throw new IllegalArgumentException(
          "Expected positive numbers of pools, connections, rows and bytes, but got "
              + maxPools
              + ", "
              + poolConnections
              + ", "
              + fetchSize
              + " and "
              + resultLimit);
    }
  }
}
