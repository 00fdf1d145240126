package io.noetl.tool.sequence;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The time limit of one command. Tools are told how much of it is left; one that does not stop then
 * is interrupted a little later.
 */
final class Deadline implements AutoCloseable {
  /** How long a tool may take to end by itself when the time is over. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private enum State {
    RUNNING,
    INTERRUPTED,
    ENDED
  }

  private final @Nullable Duration limit;
  private final long end;
  private final @Nullable Thread watch;
  private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);

  /**
   * Starts the time of the current thread's command.
   *
   * @param limit null = none
   */
  Deadline(@Nullable Duration limit) {
    this.limit = limit;
    this.end = limit == null ? 0 : System.nanoTime() + limit.toNanos();
    Thread worker = Thread.currentThread();
    this.watch =
        limit == null
            ? null
            : Thread.ofVirtual().name("command-deadline").start(() -> watch(worker, limit));
  }

  @Nullable Duration limit() {
    return limit;
  }

  /** The shorter of this time and what is left; null = no limit at all. */
  @Nullable Duration within(@Nullable Duration own) {
    if (limit == null) {
      return own;
    }
    Duration left = left();
    return own == null || left.compareTo(own) < 0 ? left : own;
  }

  boolean passed() {
    return limit != null && System.nanoTime() - end >= 0;
  }

  /** What is left, at least a millisecond. */
  private Duration left() {
    return Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
  }

  /** Whether an interrupt that has just arrived was this deadline's own. */
  boolean interrupted() {
    return state.get() == State.INTERRUPTED;
  }

  /** Ends the watch; the thread is not interrupted by it afterwards. */
  @Override
  public void close() {
    Thread watching = watch;
    if (watching == null) {
      return;
    }
    if (state.compareAndSet(State.RUNNING, State.ENDED)) {
      watching.interrupt();
      return;
    }
    // Its interrupt has come or is just coming, and must not hit what this thread does next.
    boolean gone = false;
    while (!gone) {
      try {
        watching.join();
        gone = true;
      } catch (InterruptedException e) {
        gone = !watching.isAlive();
      }
    }
    Thread.interrupted();
  }

  private void watch(Thread worker, Duration time) {
    try {
      Thread.sleep(time.plus(GRACE));
    } catch (InterruptedException e) {
      return; // the command has ended
    }
    if (state.compareAndSet(State.RUNNING, State.INTERRUPTED)) {
      worker.interrupt();
    }
  }
}
