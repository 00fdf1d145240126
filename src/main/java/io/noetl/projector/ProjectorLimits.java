package io.noetl.projector;

import java.time.Duration;

/**
 * Limits of a projector shard.
 *
 * @param batch messages handled together
 * @param linger how long a batch of less than a quarter waits for more: fewer and larger statements
 */
public record ProjectorLimits(int batch, Duration linger) {
  public static final ProjectorLimits DEFAULT = new ProjectorLimits(1_000, Duration.ofMillis(50));

  public ProjectorLimits {
    if (batch < 1 || batch > 10_000) {
      throw new IllegalArgumentException(
          "Expected projector.batch from 1 to 10000, but got " + batch);
    }
    if (linger.isNegative()) {
      throw new IllegalArgumentException(
          "Expected projector.linger to be zero or more, but got " + linger);
    }
  }
}
