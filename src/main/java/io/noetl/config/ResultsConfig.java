package io.noetl.config;

import java.time.Duration;

/**
 * Results that are stored out of line.
 *
 * @param inlineMaxBytes JSON of data that an event carries; more is stored
 * @param cacheBytes JSON of stored results that a server keeps at hand
 * @param maxReferences stored results that one decision may touch
 * @param partBytes parts in which data is stored while it is made; what fits into one is stored
 *     whole
 * @param streamBytes JSON of data that is stored while it is made, rows counted once
 * @param streamRows rows of such data
 * @param sweep how often results whose time is over are looked for
 */
public record ResultsConfig(
    long inlineMaxBytes,
    long cacheBytes,
    int maxReferences,
    long partBytes,
    long streamBytes,
    int streamRows,
    Duration sweep) {

  public ResultsConfig {
    new Checks("results")
        .bytes("inline-max-bytes", inlineMaxBytes, 1_024, 100_000)
        .bytes("cache-bytes", cacheBytes, 0, 16L << 30)
        .range("max-references", maxReferences, 1, 100_000)
        .bytes("part-bytes", partBytes, 64L << 10, 16L << 20)
        .bytes("stream-bytes", streamBytes, 1, 1L << 40)
        .range("stream-rows", streamRows, 1, 1_000_000_000)
        .range("sweep", sweep, Duration.ofMillis(100), Duration.ofDays(1))
        .done();
  }

  static ResultsConfig from(Values values) {
    return new ResultsConfig(
        values.bytes("inline-max-bytes", 65_536, "JSON of data that an event carries"),
        values.bytes("cache-bytes", 16L << 20, "JSON of stored results kept at hand"),
        values.integer("max-references", 256, "Stored results that one decision may touch"),
        values.bytes("part-bytes", 1L << 20, "Parts in which rows are stored while they are read"),
        values.bytes("stream-bytes", 1L << 30, "JSON of rows that are stored while they are read"),
        values.integer("stream-rows", 10_000_000, "Rows that are stored while they are read"),
        values.duration(
            "sweep", Duration.ofMinutes(1), "How often results whose time is over are looked for"));
  }

  /** The values that hold when nothing is set. */
  public static ResultsConfig defaults() {
    return from(Values.defaults("results"));
  }
}
