package io.noetl.api;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the requests that are being answered, so that a stop waits for them and for nothing else.
 * The web server's own stop waits for connections: for one that was accepted while it stops, and
 * then says nothing or sends one request after the other, it waits until its grace is over.
 *
 * <p>Safe for use by many threads.
 */
final class OpenRequests {
  private final AtomicInteger open = new AtomicInteger();
  private final CountDownLatch none = new CountDownLatch(1);
  private volatile boolean closing;

  /** Counts one more; {@link #end} must follow. */
  void begin() {
    open.incrementAndGet();
  }

  /** The request is answered, or nobody is left to answer. */
  void end() {
    if (open.decrementAndGet() == 0 && closing) {
      none.countDown();
    }
  }

  /** Whether new requests are to be refused. */
  boolean closing() {
    return closing;
  }

  /**
   * From now on new requests are to be refused; waits until those that had begun have ended, or the
   * time is over.
   */
  void close(Duration atMost) {
    closing = true;
    if (open.get() == 0) {
      return;
    }
    try {
      none.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
