package io.noetl.config;

import java.time.Duration;

/**
 * The nats tool of a worker. The platform's own bus has its settings in {@link BusConfig}.
 *
 * @param timeout limit of a call that names none
 * @param connectTimeout longest wait for a connection
 * @param maxConnections connections at once, one per address and login
 * @param idleTimeout a connection that nobody used for so long is closed
 * @param maxBatch most messages that one call consumes
 * @param maxKeys most keys or objects that one call lists
 * @param objectLimit most bytes of an object, and of the messages that one call consumes
 */
public record NatsToolConfig(
    Duration timeout,
    Duration connectTimeout,
    int maxConnections,
    Duration idleTimeout,
    int maxBatch,
    int maxKeys,
    long objectLimit) {

  public NatsToolConfig {
    new Checks("nats")
        .range("timeout", timeout, Duration.ofMillis(1), Duration.ofHours(24))
        .range("connect-timeout", connectTimeout, Duration.ofMillis(1), Duration.ofMinutes(10))
        .range("max-connections", maxConnections, 1, 10_000)
        .range("idle-timeout", idleTimeout, Duration.ofMillis(1), Duration.ofHours(24))
        .range("max-batch", maxBatch, 1, 1_000_000)
        .range("max-keys", maxKeys, 1, 10_000_000)
        .bytes("object-limit", objectLimit, 1, 1L << 30)
        .done();
  }

  static NatsToolConfig from(Values values) {
    return new NatsToolConfig(
        values.duration("timeout", Duration.ofSeconds(30), "Limit of a call that names none"),
        values.duration("connect-timeout", Duration.ofSeconds(5), "Longest wait for a connection"),
        values.integer("max-connections", 32, "Connections at once, one per address and login"),
        values.duration(
            "idle-timeout", Duration.ofMinutes(1), "An unused connection is closed after it"),
        values.integer("max-batch", 1_000, "Most messages that one call consumes"),
        values.integer("max-keys", 100_000, "Most keys or objects that one call lists"),
        values.bytes("object-limit", 64L << 20, "Most bytes of an object, or of a batch"));
  }

  /** The values that hold when nothing is set. */
  public static NatsToolConfig defaults() {
    return from(Values.defaults("nats"));
  }
}
