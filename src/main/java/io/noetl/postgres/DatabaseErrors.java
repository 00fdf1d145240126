package io.noetl.postgres;

import io.noetl.config.DatabaseConfig;
import io.noetl.postgres.DatabaseException.Kind;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Turns the driver's exceptions into ours, by SQLSTATE and never by text. */
final class DatabaseErrors {
  private DatabaseErrors() {}

  static DatabaseException of(SQLException failure, DatabaseConfig config) {
    return of(failure, config, false);
  }

  /**
   * @param committing whether the failure came out of the commit itself
   */
  static DatabaseException of(SQLException failure, DatabaseConfig config, boolean committing) {
    SQLException root = mostSpecific(failure);
    String state = root.getSQLState();
    Kind kind = kind(failure, state);
    boolean lost = committing && (kind == Kind.UNREACHABLE || kind == Kind.FAILED);
    return new DatabaseException(
        kind, message(kind, root, config), failure, state, constraint(root), lost);
  }

  /** A pool wraps the reason why it has no connection; that reason is what matters. */
  private static SQLException mostSpecific(SQLException failure) {
    SQLException found = failure;
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException inner) {
        found = inner;
      }
    }
    return found;
  }

  private static Kind kind(SQLException thrown, @Nullable String state) {
    if (state == null) {
      return thrown instanceof SQLTransientConnectionException ? Kind.BUSY : Kind.FAILED;
    }
    return switch (state) {
      // 08004: the server asks for a password and none is configured.
      case "28P01", "08004" -> Kind.WRONG_PASSWORD;
      case "28000", "42501" -> Kind.NOT_PERMITTED;
      case "3D000" -> Kind.MISSING_DATABASE;
      case "53300" -> Kind.BUSY;
      case "40001", "40P01" -> Kind.CONFLICT;
      case "57014", "55P03", "25P03" -> Kind.TIMEOUT;
      // Shutting down, crashed, or starting up.
      case "57P01", "57P02", "57P03", "57P05" -> Kind.UNREACHABLE;
      default -> {
        if (state.startsWith("08")) {
          yield Kind.UNREACHABLE;
        }
        if (state.startsWith("23")) {
          yield Kind.CONSTRAINT;
        }
        // 53: out of memory, disk or connections.
        yield state.startsWith("53") ? Kind.BUSY : Kind.FAILED;
      }
    };
  }

  private static String message(Kind kind, SQLException root, DatabaseConfig config) {
    String place = config.place();
    return switch (kind) {
      case UNREACHABLE ->
          "Expected to reach PostgreSQL at "
              + place
              + ", but "
              + reason(root)
              + ". Is it running, and are POSTGRES_HOST and POSTGRES_PORT right?";
      case WRONG_PASSWORD ->
          "Expected to log in to PostgreSQL at "
              + place
              + ", but the password was refused: "
              + reason(root)
              + ". Set POSTGRES_USER and POSTGRES_PASSWORD";
      case MISSING_DATABASE ->
          "Expected database '"
              + config.name()
              + "' at "
              + place
              + ", but it does not exist. Create it (create database \""
              + config.name()
              + "\") or set POSTGRES_DB";
      case NOT_PERMITTED ->
          "Expected PostgreSQL at "
              + place
              + " to permit this, but it refused: "
              + reason(root)
              + ". Grant it to the role, or log in as another one with POSTGRES_USER";
      case BUSY ->
          "Expected a free connection to PostgreSQL at "
              + place
              + " within "
              + config.connectionTimeout().toMillis()
              + " ms (database.connection-timeout), but "
              + reason(root);
      case TIMEOUT ->
          "Expected PostgreSQL at "
              + place
              + " to finish a statement within "
              + config.statementTimeout().toMillis()
              + " ms (database.statement-timeout), but "
              + reason(root);
      case CONFLICT, CONSTRAINT, FAILED, UNFIT_SERVER, SCHEMA_BEHIND, SCHEMA_NEWER ->
          "PostgreSQL at " + place + ": " + reason(root);
    };
  }

  /** The server's or driver's own sentence, without the text of the statement. */
  private static String reason(SQLException root) {
    if (root.getCause() instanceof UnknownHostException) {
      return "there is no such host";
    }
    if (root.getCause() instanceof ConnectException) {
      return "nothing listens there";
    }
    if (root.getCause() instanceof SocketTimeoutException) {
      return "it did not answer in time";
    }
    if (root instanceof PSQLException postgres) {
      ServerErrorMessage server = postgres.getServerErrorMessage();
      if (server != null && server.getMessage() != null) {
        return server.getMessage();
      }
    }
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message.replaceAll("[.\\s]+$", "");
  }

  private static @Nullable String constraint(SQLException root) {
    if (root instanceof PSQLException postgres) {
      ServerErrorMessage server = postgres.getServerErrorMessage();
      return server == null ? null : server.getConstraint();
    }
    return null;
  }
}
