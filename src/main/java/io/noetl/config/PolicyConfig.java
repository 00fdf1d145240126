package io.noetl.config;

import java.time.Duration;

/**
 * Policies that playbooks compile.
 *
 * @param poll how often a server looks for changes
 * @param refresh between two compilations of what has not changed
 * @param deadline of one compilation
 * @param retry after one that came to nothing
 * @param maxAge how long a policy holds after it was last confirmed
 * @param whenStale what holds afterwards
 * @param maxSourceBytes largest source
 * @param maxBytes largest compiled document
 * @param maxRules most rules of one
 */
public record PolicyConfig(
    Duration poll,
    Duration refresh,
    Duration deadline,
    Duration retry,
    Duration maxAge,
    WhenStale whenStale,
    long maxSourceBytes,
    long maxBytes,
    int maxRules) {

  /** What holds when a policy is too old. */
  public enum WhenStale {
    /** Nothing, but for operators of every tenant, workers and the internal token. */
    DENY,
    /** The built-in rules alone. */
    BUILT_IN
  }

  public PolicyConfig {
    new Checks("policy")
        .range("poll", poll, Duration.ofMillis(50), Duration.ofMinutes(5))
        .range("refresh", refresh, Duration.ofSeconds(1), Duration.ofDays(7))
        .range("deadline", deadline, Duration.ofMillis(500), Duration.ofMinutes(10))
        .range("retry", retry, Duration.ofMillis(100), Duration.ofHours(1))
        .range("max-age", maxAge, Duration.ofSeconds(1), Duration.ofDays(3_650))
        .bytes("max-source-bytes", maxSourceBytes, 2, 16L << 20)
        .bytes("max-bytes", maxBytes, 64, 16L << 20)
        .range("max-rules", maxRules, 1, 100_000)
        .that(
            maxAge.compareTo(refresh) > 0,
            "max-age",
            "Expected more than policy.refresh (" + refresh + "): else every policy is too old")
        .done();
  }

  static PolicyConfig from(Values values) {
    return new PolicyConfig(
        values.duration(
            "poll", Duration.ofSeconds(1), "How often a server looks whether a policy has changed"),
        values.duration(
            "refresh",
            Duration.ofHours(1),
            "How often a policy is compiled again when nothing has changed"),
        values.duration("deadline", Duration.ofSeconds(30), "Time of one compilation"),
        values.duration(
            "retry", Duration.ofSeconds(30), "Pause after a compilation that came to nothing"),
        values.duration(
            "max-age",
            Duration.ofDays(1),
            "How long a policy holds after a compilation last came to it"),
        values.choice(
            "when-stale",
            WhenStale.DENY,
            WhenStale.class,
            "What holds afterwards: deny all but operators of every tenant, or built-in rules"
                + " alone"),
        values.bytes("max-source-bytes", 256L << 10, "What a policy is compiled from, as JSON"),
        values.bytes("max-bytes", 1L << 20, "A compiled policy"),
        values.integer("max-rules", 2_000, "Rules of a compiled policy"));
  }

  /** The values that hold when nothing is set. */
  public static PolicyConfig defaults() {
    return from(Values.defaults("policy"));
  }
}
