package io.noetl.chaos;

import java.util.List;

/**
 * One fault.
 *
 * @param detail what was hit, and how
 * @param begunNanos when it began
 * @param healedNanos when what was broken was whole again
 * @param inFlight executions that ran when it began
 */
record Injection(
    FaultKind kind, String detail, long begunNanos, long healedNanos, List<Promise> inFlight) {
  Injection {
    inFlight = List.copyOf(inFlight);
  }

  boolean recovered() {
    return inFlight.stream().allMatch(Promise::hasEnded);
  }

  /** From its end until all that it hit had ended; 0 when that was before. */
  long recoveryMillis() {
    long last =
        inFlight.stream()
            .mapToLong(Promise::endedNanos)
            .filter(nanos -> nanos != 0)
            .max()
            .orElse(0);
    return last == 0 ? 0 : Math.max(0, (last - healedNanos) / 1_000_000);
  }

  /** Whether it may have touched an execution. */
  boolean touched(Promise promise) {
    return inFlight.contains(promise)
        || promise.sentNanos() >= begunNanos && promise.sentNanos() <= healedNanos;
  }
}
