package io.noetl.config;

/**
 * Limits of one command.
 *
 * @param maxTaskRuns runs of tasks in one command, all tasks together
 */
public record SequenceConfig(int maxTaskRuns) {

  public SequenceConfig {
    new Checks("sequence").range("max-task-runs", maxTaskRuns, 1, 1_000_000_000).done();
  }

  static SequenceConfig from(Values values) {
    return new SequenceConfig(
        values.integer("max-task-runs", 1_000_000, "Runs of tasks in one command"));
  }

  /** The values that hold when nothing is set. */
  public static SequenceConfig defaults() {
    return from(Values.defaults("sequence"));
  }
}
