package io.noetl.config;

import java.time.Duration;

/**
 * What is removed by itself, and when. Rules by path ({@code /api/internal/retention}) come first.
 *
 * @param every how often it is looked for
 * @param days how long executions are kept after their end; 0 = for ever
 * @param resultDays how long the results of executions are kept after their end; 0 = as long as
 *     their execution
 * @param commandDays how long dead commands are kept after the end of their execution, and dead
 *     messages; 0 = for ever
 * @param runtimeMinutes how long a component may be silent before it is forgotten; 0 = for ever
 */
public record RetentionConfig(
    Duration every, int days, int resultDays, int commandDays, int runtimeMinutes) {
  private static final int MAX_DAYS = 36_500;

  public RetentionConfig {
    new Checks("retention")
        .range("every", every, Duration.ofSeconds(1), Duration.ofDays(7))
        .range("days", days, 0, MAX_DAYS)
        .range("result-days", resultDays, 0, MAX_DAYS)
        .range("command-days", commandDays, 0, MAX_DAYS)
        .range("runtime-minutes", runtimeMinutes, 0, MAX_DAYS * 24 * 60)
        .done();
  }

  static RetentionConfig from(Values values) {
    return new RetentionConfig(
        values.duration("every", Duration.ofHours(1), "How often what is over is removed"),
        values.integer(
            "days", 0, "Days that executions are kept after their end, unless a rule says else"),
        values.integer(
            "result-days",
            0,
            "Days that results are kept after the end of their execution; 0 = as long as it"),
        values.integer(
            "command-days",
            7,
            "Days that dead commands are kept after the end of their execution, and dead messages"),
        values.integer(
            "runtime-minutes", 60, "Minutes after which a silent component is forgotten"));
  }

  /** The values that hold when nothing is set. */
  public static RetentionConfig defaults() {
    return from(Values.defaults("retention"));
  }
}
