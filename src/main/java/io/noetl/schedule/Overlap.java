package io.noetl.schedule;

/** What a fire time does while an execution of an earlier one runs. */
enum Overlap {
  /** Starts another one beside it. */
  ALLOW,
  /** Nothing. */
  SKIP,
  /** Starts when it has ended; one waits, more are skipped. */
  QUEUE,
  /** Cancels it, and starts. */
  CANCEL
}
