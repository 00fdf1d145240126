package io.noetl.testing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Polls for what comes from another process and cannot be signalled, up to a deadline. */
public final class Waiting {
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private Waiting() {}

  /**
   * @param what names what is waited for, and how it stands when the time is over
   * @throws AssertionError when it has not come true in time
   */
  public static void until(Duration patience, Supplier<String> what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "Expected it within " + patience.toMillis() + " ms, but it is: " + what.get());
      }
      if (Thread.interrupted()) {
        throw new AssertionError("interrupted while waiting: " + what.get());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
