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

    TimedOut(Duration limit) {
      super("Statement timed out after " + limit.toMillis() + " ms");
    }
  }

  /**
   * @param limit null = none
   * @throws TimedOut when the limit has passed; the work is stopped
   * @throws InterruptedException when this thread was interrupted; the work is stopped
   */
  public <T> T run(@Nullable Duration limit, Work<T> work)
      throws SQLException, TimedOut, InterruptedException {
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
      if (limit == null) {
        return done.get();
      }
      return done.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      stop(canceller, done);
      throw e;
    } catch (TimeoutException e) {
      boolean interrupted = stop(canceller, done);
      if (interrupted) {
        throw new InterruptedException();
      }
      if (done.isDone() && !done.isCompletedExceptionally()) {
        // It was over before it was cancelled: the database has kept it.
        return done.join();
      }
      throw new TimedOut(limit == null ? Duration.ZERO : limit);
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
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
