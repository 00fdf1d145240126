package io.noetl.command;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is in each pool whose workers several tenants want. The database knows who waits;
 * here is what was seen of it a moment ago, and how often each of them had a turn since. Safe for
 * use by many threads.
 *
 * <p>Turns are start times of fair queueing: a tenant's number grows by one with each command that
 * it gets, whoever waits with the lowest number is next, and who comes after an absence begins at
 * the number of the last turn, so that absence earns nothing.
 */
public final class FairShare {
  /** Looks without anybody waiting after which a pool is shared no more. */
  private static final int CALM_LOOKS = 10;

  private final Looks looks;
  private final Duration every;
  private final FairnessMetrics metrics;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final ReentrantLock looking = new ReentrantLock();

  /** Guarded by the lock. */
  private final Map<String, Shared> pools = new HashMap<>();

  /** When the next look is due. */
  private volatile long lookAt;

  /** Sees whose commands wait. */
  @FunctionalInterface
  interface Looks {
    /** Tenants with a command that waits, by pool. */
    Map<String, Set<String>> waiting() throws SQLException;
  }

  /** A pool of which several tenants have wanted workers at once. */
  private static final class Shared {
    private final Map<String, Long> turns = new HashMap<>();

    /** Those that waited at the last look. */
    private Set<String> seen = Set.of();

    /** Those of them that are not known to wait no more. */
    private Set<String> waiting = new HashSet<>();

    private long lastTurn;
    private int calm;

    /** The tenant whose turn it is: of those that wait, and perhaps one more. */
    @Nullable String next(@Nullable String also) {
      String next = also;
      for (String tenant : waiting) {
        if (next == null || before(tenant, next)) {
          next = tenant;
        }
      }
      return next;
    }

    private boolean before(String tenant, String other) {
      int order = Long.compare(turn(tenant), turn(other));
      return order < 0 || order == 0 && tenant.compareTo(other) < 0;
    }

    private long turn(String tenant) {
      return turns.getOrDefault(tenant, lastTurn);
    }

    void served(String tenant, int commands) {
      turns.put(tenant, turn(tenant) + commands);
    }

    /** Takes what was seen now. Who waited before keeps a lower number; who comes has none. */
    void see(Set<String> tenants) {
      for (String tenant : tenants) {
        if (!seen.contains(tenant)) {
          turns.merge(tenant, lastTurn, Math::max);
        }
      }
      turns.entrySet().removeIf(e -> e.getValue() <= lastTurn && !tenants.contains(e.getKey()));
      seen = Set.copyOf(tenants);
      waiting = new HashSet<>(tenants);
      calm = tenants.isEmpty() ? calm + 1 : 0;
    }
  }

  /**
   * @param every how old a look may be when somebody claims or reports
   * @param nanos a clock that only moves forward
   */
  FairShare(Looks looks, Duration every, FairnessMetrics metrics, LongSupplier nanos) {
    this.looks = looks;
    this.every = every;
    this.metrics = metrics;
    this.nanos = nanos;
    this.lookAt = nanos.getAsLong();
  }

  /** On what the commands of this queue are shared. */
  public static FairShare of(CommandQueue commands, Duration every, FairnessMetrics metrics) {
    return new FairShare(commands::waiting, every, metrics, System::nanoTime);
  }

  /** Looks who waits, unless somebody does so now or did a moment ago. */
  void look() throws SQLException {
    if (nanos.getAsLong() - lookAt < 0 || !looking.tryLock()) {
      return;
    }
    try {
      seen(looks.waiting());
      lookAt = nanos.getAsLong() + every.toNanos();
    } finally {
      looking.unlock();
    }
  }

  private void seen(Map<String, Set<String>> waiting) {
    lock.lock();
    try {
      waiting.forEach(
          (pool, tenants) -> {
            if (tenants.size() > 1) {
              pools.computeIfAbsent(pool, _ -> new Shared());
            }
          });
      pools
          .entrySet()
          .removeIf(
              entry -> {
                Shared pool = entry.getValue();
                pool.see(waiting.getOrDefault(entry.getKey(), Set.of()));
                return pool.calm >= CALM_LOOKS;
              });
      metrics.seen(pools.size(), waiting.values().stream().mapToInt(Set::size).max().orElse(0));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether several tenants share the workers of a pool now. Its hints are wake-ups then, and a
   * claim gets the command of whoever's turn it is.
   */
  boolean shared(String pool) {
    lock.lock();
    try {
      return pools.containsKey(pool);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whose turn it is, and takes the turn.
   *
   * @param also a tenant that is known to wait, or null
   * @return null when nobody is known to wait
   */
  @Nullable String turn(String pool, @Nullable String also) {
    lock.lock();
    try {
      Shared shared = pools.get(pool);
      if (shared == null) {
        return also;
      }
      String next = shared.next(also);
      if (next != null) {
        // Nobody who waits has a lower number; whoever comes now begins at this one.
        shared.lastTurn = Math.max(shared.lastTurn, shared.turn(next));
        shared.served(next, 1);
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A tenant had fewer commands to take than turns, since others hold them or have taken them. It
   * is passed by until the next look, and makes up for it when it waited all the same.
   */
  void gone(String pool, String tenant, int turns) {
    lock.lock();
    try {
      Shared shared = pools.get(pool);
      if (shared != null) {
        shared.waiting.remove(tenant);
        shared.turns.computeIfPresent(tenant, (_, turn) -> turn - turns);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * How many of its own next commands a tenant may go on with at once, in the slots that it leaves.
   *
   * @param wanted by the worker
   */
  int room(String pool, String tenant, int wanted) {
    lock.lock();
    try {
      Shared shared = pools.get(pool);
      if (shared == null || shared.waiting.stream().allMatch(tenant::equals)) {
        return wanted;
      }
      boolean turn = tenant.equals(shared.next(tenant));
      if (!turn) {
        metrics.refused();
      }
      return turn ? Math.min(1, wanted) : 0;
    } finally {
      lock.unlock();
    }
  }

  /** A tenant went on with its own. */
  void served(String pool, String tenant, int commands) {
    lock.lock();
    try {
      Shared shared = pools.get(pool);
      if (shared != null) {
        shared.served(tenant, commands);
      }
    } finally {
      lock.unlock();
    }
  }

  FairnessMetrics metrics() {
    return metrics;
  }
}
