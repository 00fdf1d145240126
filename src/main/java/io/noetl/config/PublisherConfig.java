package io.noetl.config;

import java.time.Duration;

/**
 * The publisher's pace.
 *
 * @param tick the longest time between two looks at the outbox
 * @param fetchSize rows read from the database at a time
 * @param window messages that may wait for the bus's acknowledgement
 * @param republishAfter how long a row may stay unprojected before it is published again
 * @param republishBatch rows or hints repeated at a time
 * @param repeatedHints hints of one pool repeated at a time, for commands that nobody has held yet
 * @param listener which driver waits for the database's wake-ups
 */
public record PublisherConfig(
    Duration tick,
    int fetchSize,
    int window,
    Duration republishAfter,
    int republishBatch,
    int repeatedHints,
    Listener listener) {

  /** The driver of the listening connection. */
  public enum Listener {
    /** Wakes by callback, in a fraction of a millisecond. */
    PGJDBC_NG,
    /** Polls its socket. */
    PGJDBC
  }

  public PublisherConfig {
    new Checks("publisher")
        .range("tick", tick, Duration.ofMillis(10), Duration.ofMinutes(1))
        .range("fetch-size", fetchSize, 1, 100_000)
        .range("window", window, 1, 65_536)
        .range("republish-after", republishAfter, Duration.ofMillis(100), Duration.ofHours(1))
        .range("republish-batch", republishBatch, 1, 100_000)
        .range("repeated-hints", repeatedHints, 1, 100_000)
        .done();
  }

  static PublisherConfig from(Values values) {
    return new PublisherConfig(
        values.duration("tick", Duration.ofMillis(100), "Longest time between looks at the outbox"),
        values.integer("fetch-size", 500, "Outbox rows read at a time"),
        values.integer("window", 4_096, "Messages that may wait for the bus's acknowledgement"),
        values.duration(
            "republish-after",
            Duration.ofSeconds(30),
            "Age at which an unprojected row goes again"),
        values.integer("republish-batch", 5_000, "Rows or hints repeated at a time"),
        values.integer(
            "repeated-hints",
            50,
            "Hints of one pool repeated at a time, of commands that nobody has held yet"),
        values.choice(
            "listener", Listener.PGJDBC_NG, Listener.class, "Driver that waits for wake-ups"));
  }

  /** The values that hold when nothing is set. */
  public static PublisherConfig defaults() {
    return from(Values.defaults("publisher"));
  }
}
