package io.noetl.support;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses between tries: each twice as long as the one before, up to a cap, and shortened at random
 * by up to half so that many clients of one failed server do not return in step.
 *
 * <p>Belongs to one thread.
 */
public final class Backoff {
  private static final Duration FIRST_RECONNECT = Duration.ofMillis(100);
  private static final Duration LONGEST_RECONNECT = Duration.ofSeconds(5);

  private final long firstNanos;
  private final long capNanos;
  private final RandomGenerator random;
  private int attempts;

  /**
   * @param first length of the first pause before jitter, at least 1 ns
   * @param cap longest pause, at least {@code first}
   */
  public Backoff(Duration first, Duration cap, RandomGenerator random) {
    if (!first.isPositive() || cap.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "Expected 0 < first <= cap, but first is " + first + " and cap is " + cap);
    }
    this.firstNanos = first.toNanos();
    this.capNanos = cap.toNanos();
    this.random = random;
  }

  /** For whoever lost a server and wants it back: from 100 ms to 5 s. */
  public static Backoff reconnecting() {
    return new Backoff(FIRST_RECONNECT, LONGEST_RECONNECT, RandomGenerator.getDefault());
  }

  /** The next pause: between half and all of {@code min(cap, first * 2^attempts)}. */
  public Duration next() {
    long full = capNanos;
    if (attempts < Long.numberOfLeadingZeros(firstNanos) - 1) {
      full = Math.min(capNanos, firstNanos << attempts);
    }
    attempts++;
    long half = full / 2;
    return Duration.ofNanos(full - (half == 0 ? 0 : random.nextLong(half + 1)));
  }

  /** How many pauses were handed out since the last {@link #reset}. */
  public int attempts() {
    return attempts;
  }

  /** After a success: the next pause is the first again. */
  public void reset() {
    attempts = 0;
  }
}
