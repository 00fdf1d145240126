package io.noetl.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to measure, and for how long.
 *
 * @param workloads in this order
 * @param topologies where the roles run
 * @param inFlight clients side by side of the closed loops
 * @param warmUp before each workload's first loop
 * @param measured length of each loop
 * @param runs how often everything is repeated; figures are medians then
 * @param compare jar of another build that takes turns with this one, or null
 * @param natsBus whether {@link Topology#ALL} has NATS for a bus, and not memory
 * @param endure length of one long load in place of each workload's loops, or null
 * @param openLoop whether each workload is also asked for at half its best rate
 * @param nats the nats-server program, or null when there is none
 */
public record BenchOptions(
    List<Workload> workloads,
    List<Topology> topologies,
    List<Integer> inFlight,
    Duration warmUp,
    Duration measured,
    int runs,
    @Nullable Path compare,
    boolean natsBus,
    @Nullable Duration endure,
    boolean openLoop,
    @Nullable Path nats) {

  /** Most clients side by side. */
  public static final int MOST_IN_FLIGHT = 4_096;

  /** Shortest long load: its windows are as long as the shortest loops. */
  private static final Duration LEAST_TO_ENDURE = Duration.ofMillis(100L * Endurance.WINDOWS);

  public BenchOptions {
    workloads = List.copyOf(workloads);
    topologies = List.copyOf(topologies);
    inFlight = List.copyOf(inFlight);
    if (workloads.isEmpty() || topologies.isEmpty() || inFlight.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected at least one workload, one topology and one number in flight");
    }
    for (int clients : inFlight) {
      if (clients < 1 || clients > MOST_IN_FLIGHT) {
        throw new IllegalArgumentException(
            "Expected --in-flight from 1 to " + MOST_IN_FLIGHT + ", but got " + clients);
      }
    }
    if (runs < 1 || runs > 100) {
      throw new IllegalArgumentException("Expected --runs from 1 to 100, but got " + runs);
    }
    if (measured.toMillis() < 100) {
      throw new IllegalArgumentException(
          "Expected --seconds of at least 0.1, but got " + measured.toMillis() + " ms");
    }
    if (endure != null) {
      checkEndure(endure, runs, compare);
    }
  }

  private static void checkEndure(Duration endure, int runs, @Nullable Path compare) {
    if (endure.compareTo(LEAST_TO_ENDURE) < 0) {
      throw new IllegalArgumentException(
          "Expected --endure of at least "
              + LEAST_TO_ENDURE.toMillis() / 60_000.0
              + " minutes, but got "
              + endure.toMillis() / 60_000.0);
    }
    if (runs > 1 || compare != null) {
      throw new IllegalArgumentException(
          "Expected --endure without --runs and --compare: it holds one load's end against its"
              + " begin");
    }
  }

  /** Where the roles run. */
  public enum Topology {
    /** All in one process. */
    ALL,
    /** Each in a process of its own. */
    PROCESSES;

    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
