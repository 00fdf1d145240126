package io.noetl.config;

import java.time.Duration;

/**
 * The machine number inside ids.
 *
 * @param machine fixed number of this process, or -1 to lease a free one
 * @param lease how long a leased number holds without being renewed
 * @param renew how often the lease is renewed
 */
public record SnowflakeConfig(int machine, Duration lease, Duration renew) {

  public SnowflakeConfig {
    new Checks("snowflake")
        .range("machine", machine, -1, 1023)
        .range("lease", lease, Duration.ofSeconds(3), Duration.ofHours(1))
        .range("renew", renew, Duration.ofMillis(100), Duration.ofMinutes(20))
        .that(
            renew.multipliedBy(2).compareTo(lease) <= 0,
            "renew",
            "Expected at most half of snowflake.lease ("
                + Texts.duration(lease)
                + "), but got "
                + Texts.duration(renew))
        .done();
  }

  static SnowflakeConfig from(Values values) {
    return new SnowflakeConfig(
        values.integer("machine", -1, "Fixed machine number; -1: leased from the database"),
        values.duration(
            "lease", Duration.ofSeconds(60), "How long a leased number holds unrenewed"),
        values.duration("renew", Duration.ofSeconds(20), "How often the lease is renewed"));
  }

  /** The values that hold when nothing is set. */
  public static SnowflakeConfig defaults() {
    return from(Values.defaults("snowflake"));
  }
}
