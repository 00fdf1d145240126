package io.noetl.config;

import java.time.Duration;

/**
 * Schedules: playbooks started by the clock.
 *
 * @param sweep how often due schedules are looked for; also how late one may fire
 * @param retry how long the server that took up a schedule has before others take it up
 * @param maxBackfill fire times of one backfill
 * @param history fire times that are remembered per schedule
 */
public record ScheduleConfig(Duration sweep, Duration retry, int maxBackfill, int history) {

  public ScheduleConfig {
    new Checks("schedules")
        .range("sweep", sweep, Duration.ofMillis(50), Duration.ofMinutes(1))
        .range("retry", retry, Duration.ofMillis(100), Duration.ofMinutes(10))
        .range("max-backfill", maxBackfill, 1, 100_000)
        .range("history", history, 1, 100_000)
        .done();
  }

  static ScheduleConfig from(Values values) {
    return new ScheduleConfig(
        values.duration("sweep", Duration.ofSeconds(1), "How often due schedules are looked for"),
        values.duration(
            "retry",
            Duration.ofSeconds(30),
            "Time that a server has to fire a schedule before others do"),
        values.integer("max-backfill", 1_000, "Fire times of one backfill"),
        values.integer("history", 200, "Fire times that are remembered per schedule"));
  }

  /** The values that hold when nothing is set. */
  public static ScheduleConfig defaults() {
    return from(Values.defaults("schedules"));
  }
}
