package io.noetl.schedule;

import java.time.Duration;

/**
 * How schedules are kept.
 *
 * @param sweep how often due schedules are looked for; one that is due before the next look is
 *     fired at its time
 * @param retry how long the server that took up a schedule has before others do
 * @param maxBackfill fire times of one backfill
 * @param history fire times that are remembered per schedule
 */
public record ScheduleSettings(Duration sweep, Duration retry, int maxBackfill, int history) {
  public static final ScheduleSettings DEFAULT =
      new ScheduleSettings(Duration.ofSeconds(1), Duration.ofSeconds(30), 1_000, 200);

  public ScheduleSettings {
    if (sweep.toMillis() < 1 || retry.toMillis() < 1 || maxBackfill < 1 || history < 1) {
      throw new IllegalArgumentException(
          "Expected schedules.sweep, schedules.retry, schedules.max-backfill and schedules.history"
              + " to be positive, but got "
              + sweep
              + ", "
              + retry
              + ", "
              + maxBackfill
              + " and "
              + history);
    }
  }
}
