package io.noetl.support;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the same thing again and again, in a thread of its own, until it is closed: sweeps, keepers,
 * samplers. A round that fails is tried again after the pause, or after a minute when that is
 * shorter; meanwhile readiness says why.
 */
public final class Rounds implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Rounds.class);

  /** How long a round has to end before it is interrupted. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Longest pause after a round that failed: readiness should not wait for hours. */
  private static final Duration RETRY = Duration.ofMinutes(1);

  private final String name;
  private final Duration every;
  private final Progress.Loop progress;
  private final Set<Class<? extends RuntimeException>> passing;
  private final Round round;
  private final CountDownLatch closing = new CountDownLatch(1);
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

  /** Whether a long round should end early: others, or the next start, take up the rest. */
  public boolean closing() {
    return closing.getCount() == 0;
  }

  /** Waits for the round that runs: to interrupt it at once would break its connection. */
  @Override
  public void close() {
    closing.countDown();
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
      while (!closing()) {
        Duration pause = once();
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      // Only close interrupts.
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
