package io.noetl.tool.nats;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Settings of the nats tool.
 *
 * @param timeout {@code nats.timeout}: limit of a call that names none; default 30 s
 * @param connectTimeout {@code nats.connect-timeout}: longest wait for a connection; default 5 s
 * @param maxConnections {@code nats.max-connections}: connections at once, one per identity; a call
 *     that needs one more waits; default 32
 * @param idleTimeout {@code nats.idle-timeout}: a connection that nobody used for so long is
 *     closed; default 1 min
 * @param maxBatch {@code nats.max-batch}: most messages that one call consumes; default 1000
 * @param maxKeys {@code nats.max-keys}: most keys or objects that one call lists; default 100000
 * @param objectLimit {@code nats.object-limit}: most bytes of an object, and of the messages that
 *     one call consumes; default 64 MiB
 * @param reservedStreams streams of the platform, which no step may use
 * @param reservedSubjects what subjects of the platform start with
 */
public record NatsSettings(
    Duration timeout,
    Duration connectTimeout,
    int maxConnections,
    Duration idleTimeout,
    int maxBatch,
    int maxKeys,
    int objectLimit,
    Set<String> reservedStreams,
    List<String> reservedSubjects) {

  public NatsSettings {
    for (Duration time : List.of(timeout, connectTimeout, idleTimeout)) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException(
            "Expected nats.timeout, nats.connect-timeout and nats.idle-timeout to be positive, but"
                + " one is "
                + time);
      }
    }
    if (maxConnections < 1 || maxBatch < 1 || maxKeys < 1 || objectLimit < 1) {
      throw new IllegalArgumentException(
          "Expected nats.max-connections, nats.max-batch, nats.max-keys and nats.object-limit to be"
              + " positive, but they are %d, %d, %d and %d"
                  .formatted(maxConnections, maxBatch, maxKeys, objectLimit));
    }
    reservedStreams = Set.copyOf(reservedStreams);
    reservedSubjects = List.copyOf(reservedSubjects);
  }

  public static final NatsSettings DEFAULT =
      new NatsSettings(
          Duration.ofSeconds(30),
          Duration.ofSeconds(5),
          32,
          Duration.ofMinutes(1),
          1_000,
          100_000,
          64 << 20,
          Set.of(),
          List.of());

  public NatsSettings withReserved(Set<String> streams, List<String> subjects) {
    return new NatsSettings(
        timeout,
        connectTimeout,
        maxConnections,
        idleTimeout,
        maxBatch,
        maxKeys,
        objectLimit,
        streams,
        subjects);
  }

  public NatsSettings withConnections(int most, Duration idle) {
    return new NatsSettings(
        timeout,
        connectTimeout,
        most,
        idle,
        maxBatch,
        maxKeys,
        objectLimit,
        reservedStreams,
        reservedSubjects);
  }

  public NatsSettings withSizes(int batch, int keys, int objectBytes) {
    return new NatsSettings(
        timeout,
        connectTimeout,
        maxConnections,
        idleTimeout,
        batch,
        keys,
        objectBytes,
        reservedStreams,
        reservedSubjects);
  }
}
