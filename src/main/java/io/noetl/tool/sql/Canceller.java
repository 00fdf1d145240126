package io.noetl.tool.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread stop the database work of another one. The working thread says what it is at; the
 * other one cancels it, as often as it likes.
 */
public final class Canceller {
  private static final Executor AT_ONCE = Runnable::run;

  private final Deque<Runnable> afterwards = new ArrayDeque<>();
  private @Nullable Thread waiting;
  private @Nullable Statement statement;
  private long since;
  private @Nullable Connection connection;
  private boolean cancelled;

  /** The work was cancelled before it came to what it was about to do. */
  public static final class Cancelled extends SQLException {
    private static final long serialVersionUID = 1L;

    Cancelled() {
      super("cancelled", "57014");
    }
  }

  /** A step of the work that may be interrupted while it waits. */
  @FunctionalInterface
  public interface Wait<T> {
    T get() throws SQLException, InterruptedException;
  }

  /**
   * Waits for something, such as a free connection, that an interrupt ends.
   *
   * @throws Cancelled when the work was cancelled before or meanwhile
   */
  public <T> T waiting(Wait<T> wait) throws SQLException {
    synchronized (this) {
      checkCancelled();
      waiting = Thread.currentThread();
    }
    try {
      return wait.get();
    } catch (InterruptedException e) {
      throw new Cancelled();
    } finally {
      synchronized (this) {
        waiting = null;
        if (cancelled) {
          // It was ours, and must not hit what comes next.
          Thread.interrupted();
        }
      }
    }
  }

  /** The connection in use, which {@link #abort} breaks off; null = none any more. */
  public synchronized void on(@Nullable Connection inUse) {
    connection = inUse;
  }

  /**
   * The statement about to run, or null when it has ended.
   *
   * @throws Cancelled when the work was cancelled before
   */
  public synchronized void at(@Nullable Statement running) throws Cancelled {
    if (running != statement) {
      since = System.nanoTime();
    }
    statement = running;
    if (running != null) {
      checkCancelled();
    }
  }

  /**
   * @throws Cancelled when the work was cancelled
   */
  public synchronized void checkCancelled() throws Cancelled {
    if (cancelled) {
      throw new Cancelled();
    }
  }

  /** Whether the work was cancelled, so that its connection may be in any state. */
  public synchronized boolean cancelled() {
    return cancelled;
  }

  /**
   * How long the statement has been running, in nanoseconds; 0 without one.
   *
   * @param now as {@link System#nanoTime} says
   */
  synchronized long running(long now) {
    return statement == null ? 0 : now - since;
  }

  /** Something to do on the working thread when its result has been handed over. */
  public void afterwards(Runnable action) {
    afterwards.addFirst(action);
  }

  void runAfterwards() {
    afterwards.forEach(Runnable::run);
  }

  /** Asks the work to end soon. A driver that cannot pass it on is asked again by the next call. */
  void cancel() {
    Statement running;
    synchronized (this) {
      cancelled = true;
      running = statement;
      Thread waits = waiting;
      if (waits != null) {
        waits.interrupt();
      }
    }
    if (running != null) {
      try {
        running.cancel();
      } catch (SQLException e) {
        // It has just ended, or the server is away: the caller tries again, and then aborts.
        synchronized (this) {
          cancelled = true;
        }
      }
    }
  }

  /** Ends the connection under the work. */
  void abort() {
    Connection inUse;
    synchronized (this) {
      cancelled = true;
      inUse = connection;
    }
    if (inUse != null) {
      try {
        inUse.abort(AT_ONCE);
      } catch (SQLException e) {
        throw new IllegalStateException("A connection cannot be ended: " + e.getMessage(), e);
      }
    }
  }
}
