package io.noetl.execution;

/**
 * Settings that alter what a playbook means; recorded at the start, so that a replay uses the same.
 *
 * @param softErrors what an unhandled soft error does
 * @param retypeStrings whether text results of single expressions are typed
 * @param maxInFlight default of parallel loops
 * @param deepMerge whether a map of the payload is merged into the map of the workload instead of
 *     taking its place
 */
public record ExecutionSettings(
    SoftErrors softErrors, boolean retypeStrings, int maxInFlight, boolean deepMerge) {

  public static final ExecutionSettings DEFAULT =
      new ExecutionSettings(SoftErrors.ROUTE, true, 32, false);

  /** What an unhandled soft error does. */
  public enum SoftErrors {
    ROUTE,
    FAIL,
    IGNORE
  }
}
