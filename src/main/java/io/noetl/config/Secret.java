package io.noetl.config;

/**
 * A value that must never be printed: {@link #toString} is masked, {@link #reveal} is for the one
 * place that needs it.
 */
public record Secret(String reveal) {
  /** What stands in for a secret wherever settings are shown. */
  public static final String MASK = "********";

  /** No secret was given. */
  public static final Secret NONE = new Secret("");

  public boolean isEmpty() {
    return reveal.isEmpty();
  }

  @Override
  public String toString() {
    return isEmpty() ? "" : MASK;
  }
}
