package io.noetl.config;

/**
 * Limits on playbooks and their runs, and the settings that alter what a playbook means. An
 * execution keeps the latter as they were at its start.
 *
 * @param maxTextBytes UTF-8 size of the decoded text
 * @param maxSteps entries of {@code workflow}
 * @param maxDepth nesting of lists and maps, aliases followed
 * @param maxAliasExpansion nodes plus characters that aliases and merges add to the text
 * @param maxDiagnostics errors, and warnings, that are reported; the rest is counted
 * @param stepRuns runs of one step in one execution
 * @param maxChildDepth how deep playbooks may start playbooks
 * @param childPayload JSON of the payload of a child that a step starts
 * @param loopItems items of one loop
 * @param cursorFrames frames of one cursor loop
 * @param maxInFlight most iterations of one loop at once, whatever a playbook asks for
 * @param defaultMaxInFlight iterations of a parallel loop at once when it asks for nothing
 * @param softErrors what an error does that a tool reported and no arc took
 * @param retypeStrings whether text results of single expressions become numbers and the like
 * @param deepMerge whether maps of the payload are merged into those of the workload
 */
public record PlaybookConfig(
    long maxTextBytes,
    int maxSteps,
    int maxDepth,
    long maxAliasExpansion,
    int maxDiagnostics,
    int stepRuns,
    int maxChildDepth,
    long childPayload,
    int loopItems,
    int cursorFrames,
    int maxInFlight,
    int defaultMaxInFlight,
    SoftErrors softErrors,
    boolean retypeStrings,
    boolean deepMerge) {

  /** What an error does that a tool reported and no arc took. */
  public enum SoftErrors {
    /** It fails the step, unless the language says otherwise. */
    ROUTE,
    /** It counts as one of the tool itself. */
    FAIL,
    /** It never fails an execution. */
    IGNORE
  }

  public PlaybookConfig {
    new Checks("playbook")
        .bytes("max-text-bytes", maxTextBytes, 1, 64L << 20)
        .range("max-steps", maxSteps, 1, 1_000_000)
        .range("max-depth", maxDepth, 1, 400)
        .bytes("max-alias-expansion", maxAliasExpansion, 1, 64L << 20)
        .range("max-diagnostics", maxDiagnostics, 1, 100_000)
        .range("step-runs", stepRuns, 1, 10_000_000)
        .range("max-child-depth", maxChildDepth, 1, 1_000)
        .bytes("child-payload", childPayload, 1, 1L << 30)
        .range("loop-items", loopItems, 1, 100_000_000)
        .range("cursor-frames", cursorFrames, 1, 100_000_000)
        .range("max-in-flight", maxInFlight, 1, 1_000_000)
        .range("default-max-in-flight", defaultMaxInFlight, 1, 1_000)
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
        values.integer("max-child-depth", 16, "How deep playbooks may start playbooks"),
        values.bytes("child-payload", 16L << 20, "Payload of a playbook that a step starts"),
        values.integer("loop-items", 1_000_000, "Items of one loop"),
        values.integer("cursor-frames", 1_000_000, "Frames of one cursor loop"),
        values.integer("max-in-flight", 1_000, "Most iterations of one loop at once"),
        values.integer("default-max-in-flight", 32, "The same for loops that name none"),
        values.choice(
            "soft-errors",
            SoftErrors.ROUTE,
            SoftErrors.class,
            "What an error that a tool reports and no arc takes does"),
        values.bool("retype-strings", true, "Whether text results become numbers and the like"),
        values.bool(
            "deep-merge", false, "Whether maps of a payload are merged into the workload's"));
  }

  /** The values that hold when nothing is set. */
  public static PlaybookConfig defaults() {
    return from(Values.defaults("playbook"));
  }
}
