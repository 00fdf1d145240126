package io.noetl.execution;

/**
 * Limits of the core.
 *
 * @param stepRuns runs of one step in one execution
 * @param loopItems items of one loop
 * @param cursorFrames frames of one cursor loop
 * @param maxInFlight most iterations of one loop at once, whatever a playbook asks for
 * @param inlineBytes JSON of data in an event; more is stored out of line
 * @param resultBytes JSON of data that is stored out of line; more is an error
 * @param childPayloadBytes JSON of the payload of a child that a step starts
 */
public record ExecutionLimits(
    int stepRuns,
    int loopItems,
    int cursorFrames,
    int maxInFlight,
    int inlineBytes,
    int resultBytes,
    int childPayloadBytes) {
  public static final ExecutionLimits DEFAULT =
      new ExecutionLimits(10_000, 1_000_000, 1_000_000, 1_000, 65_536, 64 << 20, 16 << 20);

  public ExecutionLimits {
    positive("playbook.step-runs", stepRuns);
    positive("playbook.loop-items", loopItems);
    positive("playbook.cursor-frames", cursorFrames);
    positive("playbook.max-in-flight", maxInFlight);
    positive("results.inline-max-bytes", inlineBytes);
    positive("limits.result-body", resultBytes);
    positive("playbook.child-payload", childPayloadBytes);
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "Expected " + name + " to be at least 1, but got " + value);
    }
  }
}
