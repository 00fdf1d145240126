package io.noetl.journal;

/** The database cannot be reached or failed; whether something was written is unknown. */
public final class JournalUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public JournalUnavailableException(Throwable cause) {
    super("the database is not available: " + cause.getMessage(), cause);
  }
}
