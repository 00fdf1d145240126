package io.noetl.playbook;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The older {@code retry} of a tool, applied before any policy. A tool whose policy has a {@code
 * retry} rule has none. The amounts are kept as written (number or text) because text may be a
 * template.
 *
 * @param attempts runs in total
 * @param delay before the second run, seconds or text such as {@code 500ms}; null = 1 s
 * @param backoff {@code none|fixed|constant|linear|exponential}, null = by {@code multiplier}
 * @param multiplier factor from one delay to the next; null = by {@code backoff}
 * @param maxDelay upper bound of a delay; null = none
 * @param on kinds of errors to retry ({@code timeout}, {@code connection}, {@code rate_limit},
 *     {@code server_error}, {@code error} for any); empty = those marked retryable, or where {@code
 *     when} is true
 * @param when guard that asks for another run; null = none
 * @param stopWhen guard that forbids another run; null = none
 */
public record Retry(
    Object attempts,
    @Nullable Object delay,
    @Nullable String backoff,
    @Nullable Object multiplier,
    @Nullable Object maxDelay,
    List<String> on,
    @Nullable Object when,
    @Nullable Object stopWhen) {
  public Retry {
    on = List.copyOf(on);
  }
}
