package io.noetl.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Asks, and records how long answers take. */
final class Load {
  /** Longest time that a histogram holds, in microseconds; longer ones count as this. */
  private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(2);

  /** Open loop: runs that may be on their way before the rate is called not sustained. */
  private static final int MOST_WAITING = 10_000;

  private Load() {}

  /** One run, from the request to the end that the client sees. */
  @FunctionalInterface
  interface Run {
    /**
     * @param client which of the clients side by side asks, from 0
     * @throws RuntimeException when it fails
     */
    void once(int client) throws InterruptedException;
  }

  /**
   * What came of a loop.
   *
   * @param micros of runs that began and ended well, in microseconds
   * @param seconds that it took
   * @param failed runs, which are not in {@code micros}
   * @param reason of the first failure, or empty
   */
  record Outcome(Histogram micros, double seconds, long failed, String reason) {
    /** Runs per second. */
    double rate() {
      return micros.getTotalCount() / seconds;
    }
  }

  /** As many clients, each asks again as soon as it has its answer. */
  static Outcome closed(int clients, Duration length, Run run) throws InterruptedException {
    ConcurrentHistogram micros = new ConcurrentHistogram(LONGEST_US, 3);
    LongAdder failed = new LongAdder();
    AtomicReference<String> reason = new AtomicReference<>("");
    long begun = System.nanoTime();
    long end = begun + length.toNanos();
    List<Thread> threads = new ArrayList<>(clients);
    for (int i = 0; i < clients; i++) {
      int client = i;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    long start = System.nanoTime();
                    // Once at least, however late a crowded machine lets it begin.
                    do {
                      record(run, client, start, micros, failed, reason);
                      start = System.nanoTime();
                    } while (start < end);
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return new Outcome(micros, (System.nanoTime() - begun) / 1e9, failed.sum(), reason.get());
  }

  /**
   * Runs begin at even distances whatever the answers take, and a time counts from when its run was
   * due: a server that stalls pays for everybody who would have asked meanwhile.
   */
  static Outcome open(double perSecond, Duration length, Run run) throws InterruptedException {
    ConcurrentHistogram micros = new ConcurrentHistogram(LONGEST_US, 3);
    LongAdder failed = new LongAdder();
    AtomicReference<String> reason = new AtomicReference<>("");
    Semaphore room = new Semaphore(MOST_WAITING);
    long distance = (long) (1e9 / perSecond);
    long begun = System.nanoTime();
    long count = length.toNanos() / distance;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (long i = 0; i < count; i++) {
        long due = begun + i * distance;
        long wait = due - System.nanoTime();
        while (wait > 0) {
          LockSupport.parkNanos(wait);
          wait = due - System.nanoTime();
        }
        int client = (int) (i % MOST_WAITING);
        if (!room.tryAcquire()) {
          failed.increment();
          reason.compareAndSet("", MOST_WAITING + " runs were waiting: the rate is too high");
          continue;
        }
        threads.execute(
            () -> {
              try {
                record(run, client, due, micros, failed, reason);
              } finally {
                room.release();
              }
            });
      }
    }
    return new Outcome(micros, (System.nanoTime() - begun) / 1e9, failed.sum(), reason.get());
  }

  private static void record(
      Run run,
      int client,
      long start,
      Histogram micros,
      LongAdder failed,
      AtomicReference<String> reason) {
    try {
      run.once(client);
      micros.recordValue(Math.min(LONGEST_US, (System.nanoTime() - start) / 1_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failed.increment();
      reason.compareAndSet("", String.valueOf(e.getMessage()));
    }
  }
}
