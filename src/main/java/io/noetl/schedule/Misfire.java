package io.noetl.schedule;

import java.time.Duration;

/**
 * What becomes of fire times that nobody was there for.
 *
 * @param after how late a time may be before it counts as missed
 * @param limit most missed times that {@link Policy#ALL} makes up for, the newest
 */
record Misfire(Policy policy, Duration after, int limit) {
  static final Misfire DEFAULT = new Misfire(Policy.ONCE, Duration.ofMinutes(1), 10);

  /** What is done about missed times. */
  enum Policy {
    /** Nothing. */
    SKIP,
    /** The newest of them fires. */
    ONCE,
    /** All fire, up to the limit. */
    ALL
  }
}
