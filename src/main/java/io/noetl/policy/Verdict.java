package io.noetl.policy;

import org.jspecify.annotations.Nullable;

/**
 * The answer to a question.
 *
 * @param rule the name of the one that decided; null = none does, it is the policy's default
 */
public record Verdict(Effect effect, @Nullable String rule) {
  public boolean allowed() {
    return effect == Effect.ALLOW;
  }

  /** What decided, for people. */
  public String reason() {
    return rule == null ? "the policy's default" : "rule '" + rule + "'";
  }
}
