package io.noetl.execution;

/**
 * Limits of the core.
 *
 * @param stepRuns runs of one step in one execution
 */
public record ExecutionLimits(int stepRuns) {
  public static final ExecutionLimits DEFAULT = new ExecutionLimits(10_000);

  public ExecutionLimits {
    if (stepRuns < 1) {
      throw new IllegalArgumentException(
          "Expected playbook.step-runs to be at least 1, but got " + stepRuns);
    }
  }
}
