package io.noetl.config;

import java.time.Duration;

/**
 * How the process stops.
 *
 * @param drain how long requests and commands may end after SIGTERM
 */
public record ShutdownConfig(Duration drain) {

  public ShutdownConfig {
    new Checks("shutdown").range("drain", drain, Duration.ZERO, Duration.ofHours(1)).done();
  }

  static ShutdownConfig from(Values values) {
    return new ShutdownConfig(
        values.duration(
            "drain",
            Duration.ofSeconds(25),
            "How long requests and commands may end when stopping"));
  }

  /** The values that hold when nothing is set. */
  public static ShutdownConfig defaults() {
    return from(Values.defaults("shutdown"));
  }
}
