package io.noetl.config;

/**
 * The lanes in which executions are decided and committed in groups.
 *
 * @param count how many decide at once; an execution always goes to the same one
 * @param maxBatch intents decided and committed together
 * @param maxQueue intents waiting per lane; beyond, new ones are refused as overloaded
 * @param maxDecisions how often one intent is decided when another server is ahead each time
 * @param cachedStates states kept per lane
 */
public record LanesConfig(
    int count, int maxBatch, int maxQueue, int maxDecisions, int cachedStates) {

  public LanesConfig {
    new Checks("lanes")
        .range("count", count, 1, 256)
        .range("max-batch", maxBatch, 1, 10_000)
        .range("max-queue", maxQueue, 1, 1_000_000)
        .range("max-decisions", maxDecisions, 1, 100)
        .range("cached-states", cachedStates, 0, 1_000_000)
        .done();
  }

  static LanesConfig from(Values values) {
    return new LanesConfig(
        values.integer("count", 2, "Lanes that decide at once"),
        values.integer("max-batch", 256, "Intents decided and committed together"),
        values.integer("max-queue", 10_000, "Intents waiting per lane before new ones are refused"),
        values.integer("max-decisions", 8, "Tries of one intent when another server is ahead"),
        values.integer("cached-states", 5_000, "Execution states kept per lane"));
  }

  /** The values that hold when nothing is set. */
  public static LanesConfig defaults() {
    return from(Values.defaults("lanes"));
  }
}
