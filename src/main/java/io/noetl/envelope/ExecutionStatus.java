package io.noetl.envelope;

/** Status of an execution; terminal ones absorb. */
public enum ExecutionStatus {
  RUNNING,
  PAUSED,
  COMPLETED,
  FAILED,
  CANCELLED;

  public boolean terminal() {
    return this == COMPLETED || this == FAILED || this == CANCELLED;
  }
}
