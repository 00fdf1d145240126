package io.noetl.api;

import java.time.Duration;
import java.util.List;

/**
 * Where and how the API listens.
 *
 * @param host {@code api.host}: address to bind
 * @param port {@code api.port}: 0 takes a free one
 * @param corsOrigins {@code api.cors-origins}: origins whose pages may call; {@code *} is every one,
 *     none switches it off
 * @param lease {@code command.lease}: how long a claimed command may stay silent
 * @param closeGrace {@code api.close-grace}: how long running requests may take at the stop
 */
public record ApiConfig(
    String host,
    int port,
    List<String> corsOrigins,
    Duration lease,
    Duration closeGrace,
    ApiLimits limits) {

  /** Shortest lease that a worker may ask for. */
  public static final Duration SHORTEST_LEASE = Duration.ofSeconds(10);

  /** Longest lease that a worker may ask for. */
  public static final Duration LONGEST_LEASE = Duration.ofMinutes(15);

  public ApiConfig {
    corsOrigins = List.copyOf(corsOrigins);
    if (host.isBlank()) {
      throw new IllegalArgumentException("Expected api.host to be an address, but it is empty");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          "Expected api.port from 0 to 65535, but it is " + port);
    }
    if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(LONGEST_LEASE) > 0) {
      throw new IllegalArgumentException(
          "Expected command.lease from 10 s to 15 min, but it is " + lease.toSeconds() + " s");
    }
    if (closeGrace.isNegative()) {
      throw new IllegalArgumentException(
          "Expected api.close-grace of 0 or more, but it is " + closeGrace.toMillis() + " ms");
    }
  }
}
