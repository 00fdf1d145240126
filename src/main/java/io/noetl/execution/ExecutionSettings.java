package io.noetl.execution;

/**
 * Settings that alter what a playbook means; recorded at the start, so that a replay uses the same.
 *
 * @param softErrors what an unhandled soft error does
 * @param retypeStrings whether text results of single expressions are typed
 * @param maxInFlight default of parallel loops
 */
public record ExecutionSettings(SoftErrors softErrors, boolean retypeStrings, int maxInFlight) {

  public static final ExecutionSettings DEFAULT = new ExecutionSettings(SoftErrors.ROUTE, true, 32);

  /** What an unhandled soft error does. */
  public enum SoftErrors {
    ROUTE,
    FAIL,
    IGNORE
  }
}
