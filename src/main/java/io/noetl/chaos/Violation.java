package io.noetl.chaos;

import org.jspecify.annotations.Nullable;

/**
 * Something that must not be.
 *
 * @param promise of which execution, when it is one that a client started
 */
record Violation(Sort sort, String sentence, @Nullable Promise promise) {
  /** The columns of the report. */
  enum Sort {
    /** Accepted, and not there, or not what was promised. */
    LOST,
    /** There twice, or done more often than attempts explain. */
    DOUBLED,
    /** Does not end, or waits for nothing. */
    STUCK,
    /** Events with holes, or whose fold is not the state. */
    DISORDERED
  }
}
