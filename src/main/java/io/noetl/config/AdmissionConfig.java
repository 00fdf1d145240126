package io.noetl.config;

import java.time.Duration;

/**
 * When new executions are refused because the work that is there cannot keep up. Running ones go
 * on.
 *
 * @param outboxHigh events that are not in the log yet
 * @param commandsHigh commands of one pool that nobody has claimed
 * @param decisionsHigh requests that wait for a decision and its commit in this server
 * @param lowPercent of a high mark, to which a backlog must fall before starts are accepted again
 * @param sample how often backlogs are looked at
 */
public record AdmissionConfig(
    int outboxHigh, int commandsHigh, int decisionsHigh, int lowPercent, Duration sample) {

  private static final long MOST = 1_000_000_000;

  public AdmissionConfig {
    new Checks("admission")
        .range("outbox-high", outboxHigh, 1, MOST)
        .range("commands-high", commandsHigh, 1, MOST)
        .range("decisions-high", decisionsHigh, 1, MOST)
        .range("low-percent", lowPercent, 1, 100)
        .range("sample", sample, Duration.ofMillis(10), Duration.ofMinutes(1))
        .done();
  }

  static AdmissionConfig from(Values values) {
    return new AdmissionConfig(
        values.integer(
            "outbox-high", 200_000, "Events not yet in the log at which starts are refused"),
        values.integer(
            "commands-high",
            200_000,
            "Unclaimed commands of a pool at which starts that use it are refused"),
        values.integer(
            "decisions-high",
            10_000,
            "Requests waiting for the database at which a server refuses starts"),
        values.integer(
            "low-percent", 80, "Share of a high mark at which starts are accepted again"),
        values.duration("sample", Duration.ofSeconds(1), "How often backlogs are looked at"));
  }

  /** The values that hold when nothing is set. */
  public static AdmissionConfig defaults() {
    return from(Values.defaults("admission"));
  }
}
