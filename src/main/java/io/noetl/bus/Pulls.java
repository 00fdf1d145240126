package io.noetl.bus;

import java.time.Duration;

/** The rules for a pull, the same for every bus. */
final class Pulls {

  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private Pulls() {}

  static void require(int max, Duration maxWait) {
    if (max < 1 || max > BusConsumer.MAX_PULL) {
      throw new IllegalArgumentException(
          "Expected max from 1 to %d, but it is %d".formatted(BusConsumer.MAX_PULL, max));
    }
    if (maxWait.isNegative() || maxWait.compareTo(LONGEST_WAIT) > 0) {
      throw new IllegalArgumentException(
          "Expected maxWait from 0 to %s, but it is %s".formatted(LONGEST_WAIT, maxWait));
    }
  }

  static IllegalStateException closed(ConsumerSpec spec) {
    return new IllegalStateException(
        "Expected an open consumer, but it was closed (consumer=%s)".formatted(spec.durable()));
  }
}
