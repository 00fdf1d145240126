package io.noetl.journal;

/**
 * Limits of the lanes.
 *
 * @param lanes how many decide at once; an execution always goes to the same one
 * @param maxBatch intents decided and committed together
 * @param maxQueue intents waiting per lane; beyond, new ones are refused as overloaded
 * @param maxDecisions how often one intent is decided when another server is ahead each time
 * @param cachedStates states kept per lane
 */
public record LaneLimits(
    int lanes, int maxBatch, int maxQueue, int maxDecisions, int cachedStates) {

  public static final LaneLimits DEFAULT = new LaneLimits(2, 256, 10_000, 8, 5_000);

  public LaneLimits {
    positive("lanes.count", lanes);
    positive("lanes.max-batch", maxBatch);
    positive("lanes.max-queue", maxQueue);
    positive("lanes.max-decisions", maxDecisions);
    positive("lanes.cached-states", cachedStates);
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "Expected " + name + " to be at least 1, but got " + value);
    }
  }
}
