package io.noetl.api;

import io.noetl.config.CommandConfig;
import io.noetl.config.LimitsConfig;
import io.noetl.config.ServerConfig;
import java.time.Duration;
import java.util.List;

/**
 * Where and how the API listens.
 *
 * @param host {@code server.host}: address to bind
 * @param port {@code server.port}: 0 takes a free one
 * @param corsOrigins {@code server.cors-origins}: origins whose pages may call; {@code *} is every
 *     one, none switches it off
 * @param lease {@code command.lease}: how long a claimed command may stay silent
 * @param closeGrace {@code server.close-grace}: how long running requests may take at the stop
 */
public record ApiConfig(
    String host,
    int port,
    List<String> corsOrigins,
    Duration lease,
    Duration closeGrace,
    ApiLimits limits) {

  /** Shortest lease that a worker may ask for, unless the usual one is shorter still. */
  public static final Duration SHORTEST_LEASE = Duration.ofSeconds(10);

  /** Longest lease that a worker may ask for. */
  public static final Duration LONGEST_LEASE = Duration.ofMinutes(15);

  /**
   * The settings of the process; running requests get {@code closeGrace} at the stop.
   *
   * @param everyOrigin whether pages of every origin may call when none is named
   */
  public static ApiConfig of(
      ServerConfig server,
      CommandConfig command,
      LimitsConfig limits,
      Duration closeGrace,
      boolean everyOrigin) {
    return new ApiConfig(
        server.host(),
        server.port(),
        everyOrigin && server.corsOrigins().isEmpty() ? List.of("*") : server.corsOrigins(),
        command.lease(),
        closeGrace,
        ApiLimits.of(limits));
  }

  public ApiConfig {
    corsOrigins = List.copyOf(corsOrigins);
    if (host.isBlank()) {
      throw new IllegalArgumentException("Expected server.host to be an address, but it is empty");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("Expected server.port from 0 to 65535, but it is " + port);
    }
    if (!lease.isPositive()) {
      throw new IllegalArgumentException(
          "Expected command.lease to be positive, but it is " + lease.toMillis() + " ms");
    }
    if (closeGrace.isNegative()) {
      throw new IllegalArgumentException(
          "Expected server.close-grace of 0 or more, but it is " + closeGrace.toMillis() + " ms");
    }
  }
}
