package io.noetl.registry;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * The pools of the installation.
 *
 * @param pools pools besides {@value #SHARED} and {@value #SYSTEM}
 * @param heartbeat how often a worker says that it lives
 */
public record KnownPools(Set<String> pools, Duration heartbeat) {
  /** Takes what no other pool is named for. */
  public static final String SHARED = "shared";

  /** Runs plug-ins. */
  public static final String SYSTEM = "system";

  /** Heartbeats that may be missed before a component counts as offline. */
  public static final int MISSED = 3;

  public static final KnownPools DEFAULT = new KnownPools(Set.of(), Duration.ofSeconds(15));

  public KnownPools {
    Collection<String> all = new TreeSet<>(pools);
    all.add(SHARED);
    all.add(SYSTEM);
    pools = java.util.Collections.unmodifiableSet(new TreeSet<>(all));
    for (String pool : pools) {
      if (!pool.matches("[A-Za-z0-9_-]{1,64}")) {
        throw new IllegalArgumentException(
            "Expected names of pools of letters, digits, _ and -, but got '" + pool + "'");
      }
    }
    if (!heartbeat.isPositive()) {
      throw new IllegalArgumentException(
          "Expected the heartbeat of pools to be positive, but it is "
              + heartbeat.toMillis()
              + " ms");
    }
  }

  public boolean knows(String pool) {
    return pools.contains(pool);
  }

  /** The silence after which a component counts as offline. */
  public Duration offlineAfter() {
    return heartbeat.multipliedBy(MISSED);
  }
}
