package io.noetl.playbook.value;

/** A thread was interrupted while it got data that a template touches; its mark is set again. */
public final class DataInterruptedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DataInterruptedException(InterruptedException cause) {
    super("interrupted while reading a stored result", cause);
  }
}
