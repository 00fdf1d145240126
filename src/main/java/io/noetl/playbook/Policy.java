package io.noetl.playbook;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to do with the outcome of one tool call: the first rule that matches decides.
 *
 * @param rules tried top to bottom
 * @param onUnmatched what happens when no rule matches; null = success continues, an error fails
 */
public record Policy(List<Rule> rules, @Nullable Unmatched onUnmatched) {

  /** Runs of a task in total when a {@code retry} names no number. */
  public static final int DEFAULT_ATTEMPTS = 3;

  public Policy {
    rules = List.copyOf(rules);
  }

  /** Override for an outcome that no rule matches. */
  public enum Unmatched {
    CONTINUE,
    FAIL
  }

  /** What a rule does. */
  public enum Action {
    CONTINUE,
    RETRY,
    BREAK,
    JUMP,
    FAIL
  }

  /**
   * One rule. The amounts are kept as written (number or text) because text may be a template.
   *
   * @param when guard; null = always (an {@code else} rule)
   * @param action what to do
   * @param set mutations before the action, written in order
   * @param attempts runs in total for {@code retry}; null = {@value #DEFAULT_ATTEMPTS}
   * @param backoff {@code none|fixed|constant|linear|exponential} or null
   * @param delay seconds or text such as {@code 500ms}; null = 1 s
   * @param maxDelay upper bound of a delay; null = none
   * @param to target label of a {@code jump}
   */
  public record Rule(
      @Nullable Object when,
      Action action,
      List<Mutation> set,
      @Nullable Object attempts,
      @Nullable String backoff,
      @Nullable Object delay,
      @Nullable Object maxDelay,
      @Nullable String to) {
    public Rule {
      set = List.copyOf(set);
    }
  }
}
