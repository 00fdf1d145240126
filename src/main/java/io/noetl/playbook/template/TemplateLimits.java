package io.noetl.playbook.template;

import java.time.Duration;

/**
 * Bounds of one evaluation of a template. Every excess is a {@link TemplateException} that names
 * the limit.
 *
 * @param maxOutput {@code template.max-output}: longest text that an evaluation may make, in
 *     characters
 * @param maxAllocated {@code template.max-allocated}: characters of text that an evaluation may
 *     make in total, intermediate values included; a text counts 48 more, an element of a list 16,
 *     of a map 32
 * @param maxRange {@code template.max-range}: most items of a {@code range} or of a repeated list
 * @param maxDepth {@code template.max-depth}: deepest nesting of parentheses, operations, block
 *     tags and macro calls
 * @param maxTime {@code template.max-time}: longest evaluation
 * @param lazyDepth {@code template.lazy-depth}: how deep lazy defaults may read each other
 * @param maxDigits {@code template.max-digits}: most decimal digits of an integer
 * @param cacheEntries {@code template.cache-entries}: compiled templates that are kept
 * @param cacheCharacters {@code template.cache-characters}: text of the compiled templates that are
 *     kept, in characters
 */
public record TemplateLimits(
    int maxOutput,
    long maxAllocated,
    int maxRange,
    int maxDepth,
    Duration maxTime,
    int lazyDepth,
    int maxDigits,
    int cacheEntries,
    int cacheCharacters) {

  public static final TemplateLimits DEFAULT =
      new TemplateLimits(
          64 * 1024 * 1024,
          256L * 1024 * 1024,
          100_000,
          200,
          Duration.ofSeconds(10),
          5,
          4_000,
          4_096,
          16 * 1024 * 1024);

  public TemplateLimits {
    positive("template.max-output", maxOutput);
    positive("template.max-allocated", maxAllocated);
    positive("template.max-range", maxRange);
    positive("template.max-depth", maxDepth);
    positive("template.max-time", maxTime.toMillis());
    positive("template.lazy-depth", lazyDepth);
    positive("template.max-digits", maxDigits);
    positive("template.cache-entries", cacheEntries);
    positive("template.cache-characters", cacheCharacters);
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "Expected " + name + " to be at least 1, but it is " + value);
    }
  }
}
