package io.noetl.postgres;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A failure of the database or of reaching it; the message says where, what, and what to do. */
public final class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of failure it is, and so whether waiting helps. */
  public enum Kind {
    /** No connection, or it broke; the server may come back. */
    UNREACHABLE(true),
    /** Every connection is taken, here or on the server. */
    BUSY(true),
    /** A serialization failure or deadlock: the same work may succeed when repeated. */
    CONFLICT(true),
    /** A statement or lock took longer than allowed. */
    TIMEOUT(true),
    WRONG_PASSWORD(false),
    NOT_PERMITTED(false),
    MISSING_DATABASE(false),
    /** The server's version or its settings are not fit for this program. */
    UNFIT_SERVER(false),
    SCHEMA_BEHIND(false),
    SCHEMA_NEWER(false),
    /** A uniqueness, check or foreign key constraint said no; see {@link #constraint}. */
    CONSTRAINT(false),
    /** Anything else: a bug in a statement, most likely. */
    FAILED(false);

    private final boolean transientKind;

    Kind(boolean transientKind) {
      this.transientKind = transientKind;
    }
  }

  private final Kind kind;
  private final @Nullable String sqlState;
  private final @Nullable String constraint;
  private final boolean outcomeUnknown;

  DatabaseException(Kind kind, String message) {
    this(kind, message, null, null, null, false);
  }

  DatabaseException(
      Kind kind,
      String message,
      @Nullable Throwable cause,
      @Nullable String sqlState,
      @Nullable String constraint,
      boolean outcomeUnknown) {
    super(message, cause);
    this.kind = kind;
    this.sqlState = sqlState;
    this.constraint = constraint;
    this.outcomeUnknown = outcomeUnknown;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  public boolean retryable() {
    return kind.transientKind;
  }

  /** The five characters of SQL's error class, when the server or driver gave them. */
  public Optional<String> sqlState() {
    return Optional.ofNullable(sqlState);
  }

  /** Name of the violated constraint, when the kind is {@link Kind#CONSTRAINT}. */
  public Optional<String> constraint() {
    return Optional.ofNullable(constraint);
  }

  /**
   * Whether the connection broke while it was committing: the transaction may or may not have taken
   * place, and only reading the tables tells.
   */
  public boolean outcomeUnknown() {
    return outcomeUnknown;
  }
}
