package io.noetl.config;

import java.time.Duration;

/**
 * Leases and retries of commands.
 *
 * @param lease how long a claim holds without a heartbeat, unless the worker asks for another time
 * @param maxAttempts how often a command is offered before it is dead
 * @param sweep how often expired leases are looked for
 * @param republishAfter how long a hint may stay unclaimed before it is repeated
 * @param turns how old may be what a server knows of the tenants that wait for a pool
 */
public record CommandConfig(
    Duration lease, int maxAttempts, Duration sweep, Duration republishAfter, Duration turns) {

  public CommandConfig {
    new Checks("command")
        .range("lease", lease, Duration.ofSeconds(1), Duration.ofMinutes(15))
        .range("max-attempts", maxAttempts, 1, 100)
        .range("sweep", sweep, Duration.ofMillis(50), Duration.ofMinutes(5))
        .range("republish-after", republishAfter, Duration.ofMillis(100), Duration.ofHours(1))
        .range("turns", turns, Duration.ofMillis(10), Duration.ofMinutes(1))
        .done();
  }

  static CommandConfig from(Values values) {
    return new CommandConfig(
        values.duration(
            "lease", Duration.ofSeconds(30), "How long a claim holds without a heartbeat"),
        values.integer("max-attempts", 3, "Times a command is offered before it is dead"),
        values.duration("sweep", Duration.ofSeconds(1), "How often expired leases are looked for"),
        values.duration(
            "republish-after",
            Duration.ofSeconds(10),
            "Age at which the hint of an unclaimed command is repeated"),
        values.duration(
            "turns",
            Duration.ofMillis(200),
            "How old a server's knowledge may be of the tenants that wait for a pool"));
  }

  /** The values that hold when nothing is set. */
  public static CommandConfig defaults() {
    return from(Values.defaults("command"));
  }
}
