package io.noetl.tool.postgres;

import io.noetl.playbook.value.Errors;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Error objects of failed statements and connections. */
public final class PgErrors {
  /** What a driver reports when it does not know more. */
  private static final String GENERAL = "HY000";

  private static final String TOO_MANY_CONNECTIONS = "53300";

  private PgErrors() {}

  /** The error of the call; the message has severity, state, detail and hint where known. */
  public static Map<String, @Nullable Object> of(SQLException problem) {
    SQLException root = root(problem);
    String state = state(problem);
    Map<String, @Nullable Object> error =
        Errors.of(kind(state), "PG_" + state, message(root, state), retryable(state));
    ServerErrorMessage server = server(root);
    Map<String, @Nullable Object> details = new LinkedHashMap<>();
    if (server != null) {
      put(details, "detail", server.getDetail());
      put(details, "hint", server.getHint());
      put(details, "schema", server.getSchema());
      put(details, "table", server.getTable());
      put(details, "column", server.getColumn());
      put(details, "constraint", server.getConstraint());
    }
    if (!details.isEmpty()) {
      error.put("details", details);
    }
    return error;
  }

  /** The five characters that say what went wrong. */
  static String state(SQLException problem) {
    String state = root(problem).getSQLState();
    return state == null ? GENERAL : state;
  }

  /** The error of a call that was cancelled because its time was over. */
  static Map<String, @Nullable Object> timedOut(String message) {
    return Errors.of("db_timeout", "PG_57014", message + " (SQLSTATE 57014)", true);
  }

  /** Whether the connection cannot be used any more. */
  static boolean fatal(SQLException problem) {
    String state = root(problem).getSQLState();
    return state == null || state.startsWith("08") || state.startsWith("57P");
  }

  private static String kind(String state) {
    if (state.equals("40001") || state.equals("40P01")) {
      return "db_deadlock";
    }
    if (state.startsWith("23")) {
      return "db_constraint";
    }
    if (state.startsWith("08") || state.startsWith("57P0") || state.equals(TOO_MANY_CONNECTIONS)) {
      return "db_connection";
    }
    return state.equals("57014") ? "db_timeout" : "database";
  }

  private static boolean retryable(String state) {
    return switch (kind(state)) {
      case "db_deadlock", "db_connection", "db_timeout" -> true;
      default -> false;
    };
  }

  private static String message(SQLException problem, String state) {
    ServerErrorMessage server = server(problem);
    if (server == null) {
      return problem.getMessage() + " (SQLSTATE " + state + ")";
    }
    StringBuilder text = new StringBuilder();
    text.append(server.getSeverity()).append(": ").append(server.getMessage());
    text.append(" (SQLSTATE ").append(state).append(')');
    if (server.getDetail() != null) {
      text.append(". Detail: ").append(server.getDetail());
    }
    if (server.getHint() != null) {
      text.append(". Hint: ").append(server.getHint());
    }
    return text.toString();
  }

  /** A batch hides what went wrong behind an exception of its own. */
  private static SQLException root(SQLException problem) {
    SQLException at = problem;
    for (int depth = 0; depth < 8 && server(at) == null; depth++) {
      SQLException next = at.getNextException();
      if (next == null) {
        return server(at) == null ? problem : at;
      }
      at = next;
    }
    return at;
  }

  private static @Nullable ServerErrorMessage server(SQLException problem) {
    return problem instanceof PSQLException own ? own.getServerErrorMessage() : null;
  }

  private static void put(Map<String, @Nullable Object> map, String name, @Nullable String value) {
    if (value != null) {
      map.put(name, value);
    }
  }
}
