package io.noetl.pool;

import io.noetl.pool.KeychainEntries.Unresolved;
import io.noetl.pool.KeychainEntries.Value;
import io.noetl.tool.auth.CredentialException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values of keychain entries that this worker keeps for a time, across commands. A value whose time
 * is over is never given out. Safe for use by many threads.
 */
final class KeychainCache {
  private static final Logger log = LoggerFactory.getLogger(KeychainCache.class);

  /** Part of its life that a value has left when it is renewed ahead of its end. */
  private static final int RENEWED_AT = 5;

  private final InstantSource clock;
  private final Map<String, Slot> slots;

  /**
   * @param entries that are kept at most, those that were used last
   */
  KeychainCache(InstantSource clock, int entries) {
    this.clock = clock;
    this.slots =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Slot> eldest) {
            return size() > entries;
          }
        };
  }

  /** Makes a value. */
  interface Maker {
    Value make() throws Unresolved, InterruptedException;
  }

  private static final class Slot {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Kept kept;
  }

  private record Kept(Value value, Instant renew, Instant end) {}

  /**
   * The value under a key, with the end of its time; made when there is none any more. One thread
   * makes it, others wait.
   *
   * @param key tells everything that the value depends on
   * @param life how long it is kept; less when the value itself ends earlier
   * @param ahead whether it is made anew before its end; while that fails, it is given out until
   *     then
   */
  Value get(String key, Duration life, boolean ahead, Maker maker)
      throws Unresolved, InterruptedException {
    Slot slot;
    synchronized (slots) {
      slot = slots.computeIfAbsent(key, _ -> new Slot());
    }
    Kept kept = slot.kept;
    Instant now = clock.instant();
    if (kept != null && now.isBefore(kept.end())) {
      if (!ahead || now.isBefore(kept.renew()) || !slot.lock.tryLock()) {
        return kept.value(); // good for a while, or somebody else renews it
      }
    } else {
      slot.lock.lockInterruptibly();
    }
    try {
      return made(slot, kept, life, maker);
    } finally {
      slot.lock.unlock();
    }
  }

  private Value made(Slot slot, @Nullable Kept before, Duration life, Maker maker)
      throws Unresolved, InterruptedException {
    Kept known = slot.kept;
    Instant now = clock.instant();
    if (known != null && known != before && now.isBefore(known.end())) {
      return known.value(); // made while this thread waited
    }
    Value value;
    try {
      value = maker.make();
    } catch (Unresolved | CredentialException e) {
      if (known != null && now.isBefore(known.end())) {
        log.warn("a keychain entry could not be renewed, and is good until {}", known.end());
        return known.value();
      }
      throw e;
    }
    Instant end = now.plus(life);
    Instant own = value.expires();
    if (own != null && own.isBefore(end)) {
      end = own;
    }
    Duration left = Duration.between(now, end);
    Value until = new Value(value.credential(), end);
    slot.kept = new Kept(until, end.minus(left.dividedBy(RENEWED_AT)), end);
    return until;
  }
}
