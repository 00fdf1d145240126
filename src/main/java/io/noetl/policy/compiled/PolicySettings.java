package io.noetl.policy.compiled;

import io.noetl.policy.PolicyLimits;
import java.time.Duration;

/**
 * How policies are kept.
 *
 * @param poll between two looks at the rows: how late a server follows a change
 * @param refresh between two compilations of what has not changed
 * @param deadline of one compilation
 * @param retry after one that came to nothing
 * @param maxAge how long a document holds after it was last confirmed
 * @param whenStale what holds afterwards
 * @param sourceBytes largest source
 */
public record PolicySettings(
    Duration poll,
    Duration refresh,
    Duration deadline,
    Duration retry,
    Duration maxAge,
    WhenStale whenStale,
    int sourceBytes,
    PolicyLimits limits) {

  /** What holds when a policy is older than its greatest age. */
  public enum WhenStale {
    /** Nothing, but for operators of every tenant, workers and the internal token. */
    DENY,
    /** The built-in rules alone. */
    BUILT_IN
  }
}
