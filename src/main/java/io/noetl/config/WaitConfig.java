package io.noetl.config;

import java.time.Duration;

/**
 * Children and timers: what executions wait for without holding a worker.
 *
 * @param sweep how often due waits are looked for; those that are due before the next look are
 *     acted upon at their time
 * @param retry how long the server that took up a wait has before others take it up
 * @param concurrency waits acted upon at once
 * @param maxQueued waits that may queue up for that; those above are left to the sweep
 */
public record WaitConfig(Duration sweep, Duration retry, int concurrency, int maxQueued) {

  public WaitConfig {
    new Checks("waits")
        .range("sweep", sweep, Duration.ofMillis(50), Duration.ofMinutes(1))
        .range("retry", retry, Duration.ofMillis(100), Duration.ofMinutes(5))
        .range("concurrency", concurrency, 1, 1_000)
        .range("max-queued", maxQueued, 1, 1_000_000)
        .done();
  }

  static WaitConfig from(Values values) {
    return new WaitConfig(
        values.duration(
            "sweep", Duration.ofMillis(500), "How often due waits and timers are looked for"),
        values.duration(
            "retry",
            Duration.ofSeconds(5),
            "Time that a server has to act upon a wait before others do"),
        values.integer("concurrency", 32, "Waits acted upon at once"),
        values.integer(
            "max-queued", 10_000, "Waits that may queue up for that; the sweep finds the rest"));
  }

  /** The values that hold when nothing is set. */
  public static WaitConfig defaults() {
    return from(Values.defaults("waits"));
  }
}
