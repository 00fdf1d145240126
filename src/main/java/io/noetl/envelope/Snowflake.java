package io.noetl.envelope;

import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Mints 63-bit ids: {@code (unix_ms - EPOCH) << 22 | machine << 12 | sequence}. One layout for the
 * whole system. Ids of one instance grow strictly; ids of different machines are not in commit
 * order, so nothing may use "id greater than the last seen" as a cursor.
 *
 * <p>Safe for use by many threads.
 */
public final class Snowflake {
  /** 2024-01-01T00:00:00Z in Unix milliseconds. */
  public static final long EPOCH = 1_704_067_200_000L;

  /** Highest machine number. */
  public static final int MAX_MACHINE = 1023;

  /** How far the clock may step back before minting stops, in milliseconds. */
  public static final long MAX_BACKWARD_MS = 5_000;

  private static final int SEQUENCE_BITS = 12;
  private static final int MACHINE_BITS = 10;
  private static final long SEQUENCE_MASK = (1L << SEQUENCE_BITS) - 1;

  private final int machine;
  private final LongSupplier clockMillis;
  private long lastMillis;
  private long sequence;

  /**
   * @param machine 0 to {@value #MAX_MACHINE}, leased: two processes with one number could mint one
   *     id twice
   * @param clockMillis Unix time in milliseconds
   */
  public Snowflake(int machine, LongSupplier clockMillis) {
    if (machine < 0 || machine > MAX_MACHINE) {
      throw new IllegalArgumentException(
          "Expected a machine number from 0 to " + MAX_MACHINE + ", but got " + machine);
    }
    this.machine = machine;
    this.clockMillis = clockMillis;
  }

  /**
   * The next id. Waits for the next millisecond when 4096 ids were minted in one; rides out a clock
   * that steps back by up to {@value #MAX_BACKWARD_MS} ms on the last timestamp.
   *
   * @throws NoIdsException when the clock stepped back further, until it has caught up
   */
  public synchronized long next() {
    long now = clockMillis.getAsLong() - EPOCH;
    if (now < lastMillis) {
      if (lastMillis - now > MAX_BACKWARD_MS) {
        throw new NoIdsException(steppedBack(lastMillis - now));
      }
      now = lastMillis;
    }
    if (now == lastMillis) {
      sequence = (sequence + 1) & SEQUENCE_MASK;
      if (sequence == 0) {
        // Borrow the next millisecond instead of spinning: the clock overtakes it within a
        // millisecond, and ids stay unique and growing.
        now = lastMillis + 1;
      }
    } else {
      sequence = 0;
    }
    lastMillis = now;
    return now << (MACHINE_BITS + SEQUENCE_BITS) | (long) machine << SEQUENCE_BITS | sequence;
  }

  /** Why ids cannot be minted now; null when they can. */
  public synchronized @Nullable String trouble() {
    long behind = lastMillis - (clockMillis.getAsLong() - EPOCH);
    return behind > MAX_BACKWARD_MS ? steppedBack(behind) : null;
  }

  private String steppedBack(long millis) {
    return "Expected the clock to go forward, but it stepped back by "
        + millis
        + " ms (machine="
        + machine
        + "); no ids are minted until it has caught up. Started anew, the process takes another"
        + " number and goes on at once";
  }

  public int machine() {
    return machine;
  }

  /** When the id was minted, to the millisecond. */
  public static Instant instantOf(long id) {
    return Instant.ofEpochMilli((id >>> (MACHINE_BITS + SEQUENCE_BITS)) + EPOCH);
  }

  /** The smallest id that can be minted at or after this instant. */
  public static long lowerBound(Instant instant) {
    long last = Long.MAX_VALUE >> (MACHINE_BITS + SEQUENCE_BITS);
    return Math.clamp(instant.toEpochMilli() - EPOCH, 0L, last) << (MACHINE_BITS + SEQUENCE_BITS);
  }
}
