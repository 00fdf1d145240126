package io.noetl.config;

/**
 * Limits on playbooks and their runs.
 *
 * @param maxTextBytes UTF-8 size of the decoded text
 * @param maxSteps entries of {@code workflow}
 * @param maxDepth nesting of lists and maps, aliases followed
 * @param maxAliasExpansion nodes plus characters that aliases and merges add to the text
 * @param maxDiagnostics errors, and warnings, that are reported; the rest is counted
 * @param stepRuns runs of one step in one execution
 * @param maxChildDepth how deep playbooks may start playbooks
 */
public record PlaybookConfig(
    long maxTextBytes,
    int maxSteps,
    int maxDepth,
    long maxAliasExpansion,
    int maxDiagnostics,
    int stepRuns,
    int maxChildDepth) {

  public PlaybookConfig {
    new Checks("playbook")
        .bytes("max-text-bytes", maxTextBytes, 1, 64L << 20)
        .range("max-steps", maxSteps, 1, 1_000_000)
        .range("max-depth", maxDepth, 1, 400)
        .bytes("max-alias-expansion", maxAliasExpansion, 1, 64L << 20)
        .range("max-diagnostics", maxDiagnostics, 1, 100_000)
        .range("step-runs", stepRuns, 1, 10_000_000)
        .range("max-child-depth", maxChildDepth, 1, 1_000)
        .done();
  }

  static PlaybookConfig from(Values values) {
    return new PlaybookConfig(
        values.bytes("max-text-bytes", 4L << 20, "UTF-8 size of a playbook"),
        values.integer("max-steps", 10_000, "Steps of one playbook"),
        values.integer("max-depth", 200, "Nesting of lists and maps"),
        values.bytes("max-alias-expansion", 4L << 20, "What YAML aliases may add to the text"),
        values.integer("max-diagnostics", 1_000, "Faults reported; the rest is counted"),
        values.integer("step-runs", 10_000, "Runs of one step in one execution"),
        values.integer("max-child-depth", 16, "How deep playbooks may start playbooks"));
  }

  /** The values that hold when nothing is set. */
  public static PlaybookConfig defaults() {
    return from(Values.defaults("playbook"));
  }
}
