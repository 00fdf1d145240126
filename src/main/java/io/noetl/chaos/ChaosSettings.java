package io.noetl.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a run goes.
 *
 * @param seed of load and faults
 * @param length how long faults are injected
 * @param faults which kinds; each comes up before any comes again
 * @param rate executions started per second, 1 to 200
 * @param lease of commands, 2 s or more; pauses and outages are as long as a few of them
 * @param quiet how long everything may take to end after the last fault
 * @param sizesEvery how often sizes are looked at, 1 s or more
 * @param folder for databases, stores and logs; made if missing
 * @param natsServer the program
 */
public record ChaosSettings(
    long seed,
    Duration length,
    List<FaultKind> faults,
    int rate,
    Duration lease,
    Duration quiet,
    Duration sizesEvery,
    Path folder,
    @Nullable Path natsServer) {
  /** Shortest lease: heartbeats are sent once a second at most. */
  public static final Duration SHORTEST_LEASE = Duration.ofSeconds(2);

  public ChaosSettings {
    faults = List.copyOf(faults);
    expect(!length.isNegative() && !length.isZero(), "a length of more than 0", length);
    expect(!faults.isEmpty(), "at least one kind of fault", faults);
    expect(rate >= 1 && rate <= 200, "a rate from 1 to 200 executions per second", rate);
    expect(lease.compareTo(SHORTEST_LEASE) >= 0, "a lease of 2 s or more", lease);
    expect(quiet.compareTo(lease) > 0, "a time to come to rest that is longer than a lease", quiet);
    expect(sizesEvery.toSeconds() >= 1, "sizes every 1 s or more", sizesEvery);
  }

  private static void expect(boolean holds, String what, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("Expected " + what + ", but it is " + value);
    }
  }
}
