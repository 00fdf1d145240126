package io.noetl.tool.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs database work on threads of its own, so that the thread of the call can be interrupted, or
 * run out of time, without being stuck in a driver. Safe for use by many threads.
 */
public final class SqlRuns implements AutoCloseable {
  /** How long cancelled work may take to end before its connection is broken off. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private static final Duration CANCEL_AGAIN = Duration.ofMillis(250);

  private final ExecutorService threads;
  private final Set<Canceller> running = ConcurrentHashMap.newKeySet();

  /**
   * @param threads run one piece of work each; shut down by {@link #close}
   */
  public SqlRuns(ExecutorService threads) {
    this.threads = threads;
  }

  /** Work that tells what it is at. */
  @FunctionalInterface
  public interface Work<T> {
    T on(Canceller canceller) throws SQLException;
  }

  /** The work did not end in time, and was cancelled. */
  public static final class TimedOut extends Exception {
    private static final long serialVersionUID = 1L;

    TimedOut(String what, Duration limit) {
      super(what + " timed out after " + limit.toMillis() + " ms");
    }
  }

  /**
   * @param whole limit of the work; null = none
   * @param each limit of every statement, with the reading of its rows; null = none
   * @throws TimedOut when a limit has passed; the work is stopped
   * @throws InterruptedException when this thread was interrupted; the work is stopped
   */
  public <T> T run(@Nullable Duration whole, @Nullable Duration each, Work<T> work)
      throws SQLException, TimedOut, InterruptedException {
    long start = System.nanoTime();
    Canceller canceller = new Canceller();
    CompletableFuture<T> done = new CompletableFuture<>();
    running.add(canceller);
    threads.execute(
        () -> {
          try {
            done.complete(work.on(canceller));
          } catch (Throwable e) {
            done.completeExceptionally(e);
          } finally {
            running.remove(canceller);
            canceller.runAfterwards();
          }
        });
    try {
      TimedOut late = awaited(done, canceller, whole, each, start);
      if (late == null) {
        return done.get();
      }
      if (stop(canceller, done)) {
        throw new InterruptedException();
      }
      if (done.isDone() && !done.isCompletedExceptionally()) {
        // It was over before it was cancelled: the database has kept it.
        return done.join();
      }
      throw late;
    } catch (InterruptedException e) {
      stop(canceller, done);
      throw e;
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    }
  }

  /** Waits for the end; returns which limit has passed before, or null. */
  private static @Nullable TimedOut awaited(
      CompletableFuture<?> done,
      Canceller canceller,
      @Nullable Duration whole,
      @Nullable Duration each,
      long start)
      throws InterruptedException, ExecutionException {
    while (true) {
      long now = System.nanoTime();
      long left = Long.MAX_VALUE;
      if (whole != null) {
        left = whole.toNanos() - (now - start);
        if (left <= 0) {
          return new TimedOut("Call", whole);
        }
      }
      if (each != null) {
        long leftOfStatement = each.toNanos() - canceller.running(now);
        if (leftOfStatement <= 0) {
          return new TimedOut("Statement", each);
        }
        // Another statement may begin meanwhile, and have all its time.
        left = Math.min(left, leftOfStatement);
      }
      try {
        done.get(left, TimeUnit.NANOSECONDS);
        return null;
      } catch (TimeoutException e) {
        if (done.isDone()) {
          return null;
        }
      }
    }
  }

  /** Cancels until the work has ended; breaks off its connection when that takes too long. */
  private static boolean stop(Canceller canceller, CompletableFuture<?> done) {
    boolean interrupted = false;
    long start = System.nanoTime();
    boolean aborted = false;
    while (!done.isDone()) {
      if (!aborted && System.nanoTime() - start > GRACE.toNanos()) {
        canceller.abort();
        aborted = true;
      } else if (System.nanoTime() - start > 2 * GRACE.toNanos()) {
        return interrupted; // the driver does not let go; its thread is lost until it does
      } else {
        canceller.cancel();
      }
      interrupted |= ended(done);
    }
    return interrupted;
  }

  private static boolean ended(CompletableFuture<?> done) {
    try {
      done.get(CANCEL_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
    return false;
  }

  private static SQLException rethrown(@Nullable Throwable cause) {
    switch (cause) {
      case SQLException e -> {
        return e;
      }
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> throw new IllegalStateException(cause);
    }
  }

  /** Stops all work that is running, and takes no more. */
  @Override
  public void close() {
    threads.shutdown();
    running.forEach(Canceller::cancel);
  }
}
