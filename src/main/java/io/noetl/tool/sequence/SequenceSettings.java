package io.noetl.tool.sequence;

/**
 * Limits of running commands.
 *
 * @param maxTaskRuns {@code sequence.max-task-runs}: runs of tasks in one command in total; beyond
 *     it the command ends with a soft error; default 1000000
 */
public record SequenceSettings(int maxTaskRuns) {
  public static final SequenceSettings DEFAULT = new SequenceSettings(1_000_000);

  public SequenceSettings {
    if (maxTaskRuns < 1) {
      throw new IllegalArgumentException(
          "Expected sequence.max-task-runs to be at least 1, but it is " + maxTaskRuns);
    }
  }
}
