package io.noetl.wait;

import java.time.Duration;

/**
 * How waits are kept.
 *
 * @param sweep how often due rows are looked for
 * @param retry how long a row is left alone after somebody took it up
 * @param concurrency rows acted upon at once
 * @param maxQueued shortcuts that may queue up; those above are left to the sweep
 * @param maxDepth how deep playbooks may start playbooks ({@code playbook.max-child-depth})
 */
public record WaitSettings(
    Duration sweep, Duration retry, int concurrency, int maxQueued, int maxDepth) {
  public static final WaitSettings DEFAULT =
      new WaitSettings(Duration.ofMillis(500), Duration.ofSeconds(5), 32, 10_000, 16);

  public WaitSettings {
    if (sweep.toMillis() < 1 || retry.toMillis() < 1) {
      throw new IllegalArgumentException(
          "Expected waits.sweep and waits.retry to be at least 1 ms, but got "
              + sweep
              + " and "
              + retry);
    }
    if (concurrency < 1 || maxQueued < 1 || maxDepth < 1) {
      throw new IllegalArgumentException(
          "Expected waits.concurrency, waits.max-queued and playbook.max-child-depth to be at least"
              + " 1, but got "
              + concurrency
              + ", "
              + maxQueued
              + " and "
              + maxDepth);
    }
  }
}
