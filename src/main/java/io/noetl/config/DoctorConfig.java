package io.noetl.config;

import java.time.Duration;

/**
 * The background check for executions that wait for nothing.
 *
 * @param every how often they are looked for
 * @param grace how long an execution must have been left alone to count
 * @param repair whether they are repaired or ended; off = only named in the log
 */
public record DoctorConfig(Duration every, Duration grace, boolean repair) {

  public DoctorConfig {
    new Checks("doctor")
        .range("every", every, Duration.ofMillis(100), Duration.ofDays(1))
        .range("grace", grace, Duration.ZERO, Duration.ofDays(1))
        .done();
  }

  static DoctorConfig from(Values values) {
    return new DoctorConfig(
        values.duration(
            "every",
            Duration.ofMinutes(1),
            "How often executions that wait for nothing are sought"),
        values.duration(
            "grace",
            Duration.ofSeconds(30),
            "How long such an execution must have been left alone to count"),
        values.bool(
            "repair", true, "Repair such executions, or end them as failed; off = only name them"));
  }

  /** The values that hold when nothing is set. */
  public static DoctorConfig defaults() {
    return from(Values.defaults("doctor"));
  }
}
