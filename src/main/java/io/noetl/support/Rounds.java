package io.noetl.support;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the same thing again and again, in a thread of its own, until it is closed: sweeps, keepers,
 * samplers. A round that fails is tried again after the pause, or after a minute when that is
 * shorter; meanwhile readiness says why.
 *
 * <p>Whoever knows when there will be something to do says so with {@link #soon}; the pause is then
 * the net for what nobody has told.
 */
public final class Rounds implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Rounds.class);

  /** How long a round has to end before it is interrupted. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Longest pause after a round that failed: readiness should not wait for hours. */
  private static final Duration RETRY = Duration.ofMinutes(1);

  /**
   * Shortest pause before a round that {@link #soon} asks for: what is due within it is done
   * together, so that thousands of moments take no thousands of rounds.
   */
  static final Duration GAP = Duration.ofMillis(5);

  private static final Duration LONGEST = Duration.ofDays(365);

  private final String name;
  private final Duration every;
  private final Progress.Loop progress;
  private final Set<Class<? extends RuntimeException>> passing;
  private final Round round;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** When the next round begins, as {@link System#nanoTime}; guarded by the lock. */
  private long nextAt;

  private volatile boolean closing;
  private volatile @Nullable Thread thread;

  /** When the next round begins. */
  public enum Next {
    /** At once: this one has left something. */
    AT_ONCE,
    /** After the pause. */
    LATER
  }

  /** One round. */
  @FunctionalInterface
  public interface Round {
    Next run() throws InterruptedException;
  }

  /**
   * @param name in logs, such as {@code lease sweeper}
   * @param every the pause between two rounds
   * @param progress moved by each round that ends well
   * @param passing what a round throws when the fault is not ours, such as a database that is down
   */
  public Rounds(
      String name,
      Duration every,
      Progress.Loop progress,
      Set<Class<? extends RuntimeException>> passing,
      Round round) {
    this.name = name;
    this.every = every;
    this.progress = progress;
    this.passing = Set.copyOf(passing);
    this.round = round;
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name(name).start(this::run);
  }

  /**
   * The next round begins no later than that, or {@link #GAP} after the last. Only a shortcut: a
   * round that runs when this is called may have been too early, so another follows. Returns at
   * once; safe for use by many threads, also before the start and within a round.
   *
   * @param in a time longer than the pause changes nothing; one below zero is zero
   */
  public void soon(Duration in) {
    lock.lock();
    try {
      long at = System.nanoTime() + nanos(in);
      if (at - nextAt < 0) {
        nextAt = at;
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Bounded, so that differences of two moments stay far from the range of a long. */
  private static long nanos(Duration time) {
    return time.isNegative() ? 0 : (time.compareTo(LONGEST) < 0 ? time : LONGEST).toNanos();
  }

  /** Whether a long round should end early: others, or the next start, take up the rest. */
  public boolean closing() {
    return closing;
  }

  /** Waits for the round that runs: to interrupt it at once would break its connection. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    Thread running = thread;
    if (running == null) {
      return;
    }
    try {
      if (!running.join(PATIENCE)) {
        running.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closing) {
        // From here on whoever asks for a round gets one more: this one may miss what he has seen.
        schedule(LONGEST);
        Duration pause = once();
        long earliest = System.nanoTime() + (pause.isZero() ? 0 : GAP.toNanos());
        soon(pause);
        await(earliest);
      }
    } catch (InterruptedException e) {
      // Only close interrupts.
    }
  }

  private void schedule(Duration in) {
    lock.lock();
    try {
      nextAt = System.nanoTime() + nanos(in);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the next round begins, or this is closed. */
  private void await(long earliest) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closing) {
        long now = System.nanoTime();
        long left = Math.max(nextAt - now, earliest - now);
        if (left <= 0) {
          return;
        }
        changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns how long to wait for the next. */
  private Duration once() throws InterruptedException {
    try {
      Next next = round.run();
      progress.moved();
      return next == Next.AT_ONCE ? Duration.ZERO : every;
    } catch (RuntimeException e) {
      if (passing.stream().anyMatch(kind -> kind.isInstance(e))) {
        progress.stuck(String.valueOf(e.getMessage()));
        log.warn("{} tries again: {}", name, e.getMessage());
      } else {
        // A fault of ours. The loop must not end in silence: it goes on, and readiness says why.
        progress.stuck("internal error: " + e.getClass().getSimpleName());
        log.error("{} failed, it tries again", name, e);
      }
      return every.compareTo(RETRY) < 0 ? every : RETRY;
    }
  }
}
