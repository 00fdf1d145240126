package io.noetl.support;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When each loop of the process last got somewhere. Health means progress: a loop that has stopped
 * going round, or says what it is stuck on, makes the process not ready.
 *
 * <p>Safe for use by many threads.
 */
public final class Progress {
  private final LongSupplier nanoClock;
  private final List<Loop> loops = new CopyOnWriteArrayList<>();

  /**
   * @param nanoClock a clock that only goes forward, in nanoseconds
   */
  public Progress(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * Registers a loop.
   *
   * @param name unique in the process, shown in readiness
   * @param staleAfter the age of the last progress at which the process is no longer ready
   */
  public Loop loop(String name, Duration staleAfter) {
    Loop loop = new Loop(name, staleAfter, nanoClock);
    loops.add(loop);
    return loop;
  }

  /** The state of every loop, in the order of registration. */
  public List<Age> ages() {
    return loops.stream().map(Loop::age).toList();
  }

  /** Whether every loop moves. */
  public boolean ready() {
    return ages().stream().allMatch(Age::ok);
  }

  /**
   * @param age since the loop last moved, or since it was registered
   * @param stuckOn what the loop waits for, in words, or null
   */
  public record Age(
      String name, Duration age, Duration staleAfter, @Nullable String stuckOn, boolean ok) {}

  /** The handle of one loop. */
  public static final class Loop {
    private final String name;
    private final Duration staleAfter;
    private final LongSupplier nanoClock;
    private volatile long lastNanos;
    private volatile @Nullable String stuckOn;

    private Loop(String name, Duration staleAfter, LongSupplier nanoClock) {
      this.name = name;
      this.staleAfter = staleAfter;
      this.nanoClock = nanoClock;
      this.lastNanos = nanoClock.getAsLong();
    }

    /** The loop did its work, or looked and found that there was none. */
    public void moved() {
      lastNanos = nanoClock.getAsLong();
      stuckOn = null;
    }

    /** The loop runs but cannot do its work, for this reason, until the next {@link #moved}. */
    public void stuck(String reason) {
      stuckOn = reason;
    }

    public Age age() {
      Duration age = Duration.ofNanos(Math.max(0, nanoClock.getAsLong() - lastNanos));
      String reason = stuckOn;
      return new Age(
          name, age, staleAfter, reason, reason == null && age.compareTo(staleAfter) <= 0);
    }
  }
}
