package io.noetl.execution;

/** Why an intent was refused; part of the contract. */
public enum Rejection {
  /** The execution has ended; nothing is written after its terminal event. */
  ALREADY_TERMINAL,
  /** There is no such execution. */
  UNKNOWN_EXECUTION,
  /** The command is not open: it ended before, or never existed. */
  COMMAND_NOT_OPEN,
  /** The wait is not open: it was resumed or ran out before. */
  WAIT_NOT_OPEN,
  /** Somebody else holds the command now. */
  STALE_FENCE,
  /** So many signals that no step has waited for are kept already. */
  SIGNALS_FULL,
  /** The data of the signal is too large for an event. */
  SIGNAL_TOO_LARGE,
  /** The execution has gone on since what was wanted was looked at. */
  MOVED_ON,
  /** The report carries no outcome and none was reported before. */
  NO_OUTCOME
}
