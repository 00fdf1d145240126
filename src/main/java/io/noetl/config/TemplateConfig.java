package io.noetl.config;

import java.time.Duration;

/**
 * Limits of one evaluation of a template, on servers and workers alike.
 *
 * @param maxOutput longest text that an evaluation may make, in characters
 * @param maxAllocated characters of text it may make in total
 * @param maxRange items of a {@code range} or of a repeated list
 * @param maxDepth nesting of parentheses, operations, block tags and macro calls
 * @param maxTime longest evaluation
 * @param lazyDepth how deep defaults may read each other
 * @param maxDigits decimal digits of an integer
 * @param cacheEntries compiled templates that are kept
 * @param cacheCharacters their text in characters
 */
public record TemplateConfig(
    int maxOutput,
    int maxAllocated,
    int maxRange,
    int maxDepth,
    Duration maxTime,
    int lazyDepth,
    int maxDigits,
    int cacheEntries,
    int cacheCharacters) {

  public TemplateConfig {
    new Checks("template")
        .range("max-output", maxOutput, 1, 1_000_000_000)
        .range("max-allocated", maxAllocated, 1, 1_000_000_000)
        .range("max-range", maxRange, 1, 10_000_000)
        .range("max-depth", maxDepth, 1, 400)
        .range("max-time", maxTime, Duration.ofMillis(1), Duration.ofHours(1))
        .range("lazy-depth", lazyDepth, 1, 100)
        .range("max-digits", maxDigits, 1, 100_000)
        .range("cache-entries", cacheEntries, 1, 10_000_000)
        .range("cache-characters", cacheCharacters, 1, 1_000_000_000)
        .done();
  }

  static TemplateConfig from(Values values) {
    return new TemplateConfig(
        values.integer("max-output", 64 << 20, "Longest text of one evaluation, in characters"),
        values.integer("max-allocated", 256 << 20, "Characters one evaluation may make in total"),
        values.integer("max-range", 100_000, "Items of a range or of a repeated list"),
        values.integer("max-depth", 200, "Nesting of expressions, tags and calls"),
        values.duration("max-time", Duration.ofSeconds(10), "Longest evaluation"),
        values.integer("lazy-depth", 5, "How deep defaults of a workload may read each other"),
        values.integer("max-digits", 4_000, "Decimal digits of an integer"),
        values.integer("cache-entries", 4_096, "Compiled templates that are kept"),
        values.integer("cache-characters", 16 << 20, "Their text, in characters"));
  }

  /** The values that hold when nothing is set. */
  public static TemplateConfig defaults() {
    return from(Values.defaults("template"));
  }
}
