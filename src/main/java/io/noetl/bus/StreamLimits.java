package io.noetl.bus;

import java.time.Duration;

/**
 * The bounds of one stream; whichever is reached first counts.
 *
 * @param maxAge how long a message is kept, 1 s or more
 * @param maxBytes how many bytes are kept, 1024 or more
 * @param maxMessages how many messages are kept, 1 or more
 */
public record StreamLimits(Duration maxAge, long maxBytes, long maxMessages) {

  private static final Duration MIN_AGE = Duration.ofSeconds(1);
  private static final long MIN_BYTES = 1024;

  public StreamLimits {
    if (maxAge.compareTo(MIN_AGE) < 0) {
      throw new IllegalArgumentException(
          "Expected maxAge of %s or more, but it is %s".formatted(MIN_AGE, maxAge));
    }
    if (maxBytes < MIN_BYTES) {
      throw new IllegalArgumentException(
          "Expected maxBytes of %d or more, but it is %d".formatted(MIN_BYTES, maxBytes));
    }
    if (maxMessages < 1) {
      throw new IllegalArgumentException(
          "Expected maxMessages of 1 or more, but it is %d".formatted(maxMessages));
    }
  }
}
