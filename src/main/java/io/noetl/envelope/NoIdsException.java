package io.noetl.envelope;

/** The process may not mint ids now; the same call may succeed later. */
public final class NoIdsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NoIdsException(String message) {
    super(message);
  }
}
