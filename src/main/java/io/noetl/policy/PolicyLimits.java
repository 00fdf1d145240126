package io.noetl.policy;

/**
 * How large a compiled document may be.
 *
 * @param bytes of its text
 * @param rules of one document
 */
public record PolicyLimits(int bytes, int rules) {
  /** Most entries of one list in a rule. */
  public static final int ENTRIES = 200;

  /** Longest text in a rule, in characters. */
  public static final int TEXT = 500;

  /** Most faults that are told. */
  public static final int FAULTS = 50;

  public static final PolicyLimits DEFAULT = new PolicyLimits(1024 * 1024, 2_000);

  public PolicyLimits {
    if (bytes < 1 || rules < 1) {
      throw new IllegalArgumentException(
          "Expected limits of at least 1, but got " + bytes + " bytes and " + rules + " rules");
    }
  }
}
