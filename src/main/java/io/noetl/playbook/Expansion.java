package io.noetl.playbook;

/**
 * What the reading of one document may copy in all: tools of the workbook into steps, and inputs
 * into tasks. Without it a small text could grow to any size. Confined to one parse.
 */
final class Expansion {
  private final long limit;
  private long taken;

  Expansion(long limit) {
    this.limit = limit;
  }

  long limit() {
    return limit;
  }

  /** Takes so much if it is left. */
  boolean take(long weight) {
    if (weight > limit - taken) {
      return false;
    }
    taken += weight;
    return true;
  }
}
