package io.noetl.verify;

import java.util.Locale;

/** What is checked. The words are stable: scripts and alarms may depend on them. */
public enum Rule {
  /** The positions of an execution's events are 1..n, each once. */
  SEQUENCE("I2", Severity.ERROR),
  /** An event id is there once. */
  EVENT_ID("I2", Severity.ERROR),
  /** Every event can be read and folded. */
  EVENT_READABLE("I9", Severity.ERROR),
  /** One terminal event, and nothing after it. */
  END("I8", Severity.ERROR),
  /** A command or wait is ended once, and only after it began. */
  ENDED_ONCE("I6", Severity.ERROR),
  /** An execution has a row, and a row has events. */
  EXECUTION("I3", Severity.ERROR),
  /** The row of an execution is the fold of its events. */
  EXECUTION_ROW("I3", Severity.ERROR),
  /** A command that is open by the events has a row. */
  COMMAND_MISSING("I7", Severity.ERROR),
  /** The row of an open command belongs to a command that is open by the events. */
  COMMAND_ORPHAN("I3", Severity.ERROR),
  /** A command is looked after in time: its hint repeated, its lease ended. */
  COMMAND_OVERDUE("I7", Severity.WARNING),
  /** A wait that is open by the events has a row. */
  WAIT_MISSING("I7", Severity.ERROR),
  /** The row of a wait belongs to a wait that is open by the events. */
  WAIT_ORPHAN("I3", Severity.ERROR),
  /** A wait is looked after in time. */
  WAIT_OVERDUE("I7", Severity.WARNING),
  /** A parent waits for a child that is as far as the wait says. */
  CHILD("I7", Severity.ERROR),
  /** A child does not outlive a parent whose cancellation covers it. */
  CHILD_RUNS_ON("I7", Severity.ERROR),
  /** An execution that has not ended waits for something. */
  STUCK("I7", Severity.ERROR),
  /** Rows of an execution belong to one tenant. */
  TENANT("I11", Severity.ERROR),
  /** A reference to a result points to one. */
  RESULT_MISSING("I3", Severity.ERROR),
  /** The same, of an execution that has ended: somebody may have deleted the result. */
  RESULT_DELETED("I3", Severity.WARNING),
  /** A stored result has its content. */
  RESULT_CONTENT("I3", Severity.ERROR),
  /** Somebody refers to a stored result. */
  RESULT_UNUSED("I12", Severity.WARNING),
  /** Events leave the outbox in time. */
  OUTBOX_AGE("I4", Severity.WARNING),
  /** Every event is in the partition of its month. */
  PARTITION("I12", Severity.WARNING);

  /** How bad it is. */
  public enum Severity {
    /** An invariant is broken. */
    ERROR,
    /** Worth a look; nothing is lost. */
    WARNING
  }

  private final String invariant;
  private final Severity severity;

  Rule(String invariant, Severity severity) {
    this.invariant = invariant;
    this.severity = severity;
  }

  /** Which invariant of docs/architecture.md it belongs to. */
  public String invariant() {
    return invariant;
  }

  public Severity severity() {
    return severity;
  }

  /** The word for scripts, such as {@code command-missing}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
