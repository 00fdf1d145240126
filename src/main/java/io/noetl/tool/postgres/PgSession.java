package io.noetl.tool.postgres;

import io.noetl.tool.LargeResults;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Bytes;
import io.noetl.tool.sql.Canceller;
import io.noetl.tool.sql.ResultBudget;
import io.noetl.tool.sql.RowCollector;
import io.noetl.tool.sql.SqlText;
import io.noetl.tool.sql.StatementResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** Runs the statements of one call on one connection. Used once, by one thread. */
final class PgSession {
  private static final Set<String> MANAGE_TRANSACTIONS =
      Set.of("BEGIN", "START", "COMMIT", "END", "ABORT", "ROLLBACK");

  /** Statements that may give more rows than fit into memory. */
  private static final Set<String> GIVE_ROWS =
      Set.of("SELECT", "WITH", "VALUES", "TABLE", "EXECUTE", "FETCH");

  /** In the message of the driver, in every language. */
  private static final String DRIVER_LIMIT = "maxResultBuffer";

  private final Connection connection;
  private final PgArrays arrays;
  private final Canceller canceller;
  private final boolean asObjects;
  private final ResultBudget budget;
  private final LargeResults large;
  private final int fetchSize;

  PgSession(
      PgConnection connection,
      Canceller canceller,
      boolean asObjects,
      ResultBudget budget,
      LargeResults large,
      int fetchSize) {
    this.connection = connection.connection();
    this.arrays = connection.arrays();
    this.canceller = canceller;
    this.asObjects = asObjects;
    this.budget = budget;
    this.large = large;
    this.fetchSize = fetchSize;
  }

  /**
   * All but the last in one transaction, or each by itself when one of them cannot be in one; then
   * the last by itself.
   *
   * @throws ResultBudget.TooLarge when the rows are too many
   */
  List<StatementResult> run(List<BoundSql> statements) throws SQLException {
    List<StatementResult> results = new ArrayList<>();
    List<BoundSql> leading = statements.subList(0, statements.size() - 1);
    try {
      if (!leading.isEmpty()) {
        boolean together = leading.stream().noneMatch(PgSession::standsAlone);
        connection.setAutoCommit(!together);
        for (BoundSql statement : leading) {
          results.add(execute(statement, 1));
        }
        if (together) {
          commit();
        }
      }
      results.add(last(statements.getLast()));
    } catch (SQLException e) {
      if (String.valueOf(e.getMessage()).contains(DRIVER_LIMIT)) {
        throw budget.exceeded();
      }
      throw e;
    }
    return results;
  }

  private StatementResult last(BoundSql statement) throws SQLException {
    boolean open =
        connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
    if (!givesRows(statement)) {
      return execute(statement, 2);
    }
    // Only inside a transaction does the driver read rows in portions.
    connection.setAutoCommit(false);
    StatementResult result = execute(statement, 2);
    if (!open) {
      commit();
    }
    return result;
  }

  private void commit() throws SQLException {
    canceller.checkCancelled();
    connection.commit();
    connection.setAutoCommit(true);
  }

  private StatementResult execute(BoundSql sql, int times) throws SQLException {
    if (sql.prepared()) {
      try (PreparedStatement statement = connection.prepareStatement(sql.sql())) {
        prepare(statement);
        PgValues.bind(statement, sql.values());
        canceller.at(statement);
        return result(statement, statement.execute(), times);
      } finally {
        canceller.at(null);
      }
    }
    try (Statement statement = connection.createStatement()) {
      prepare(statement);
      canceller.at(statement);
      return result(statement, statement.execute(sql.sql()), times);
    } finally {
      canceller.at(null);
    }
  }

  private void prepare(Statement statement) throws SQLException {
    statement.setEscapeProcessing(false);
    statement.setFetchSize(fetchSize);
  }

  private StatementResult result(Statement statement, boolean rows, int times) throws SQLException {
    if (!rows) {
      return StatementResult.of(statement.getLargeUpdateCount());
    }
    try (ResultSet result = statement.getResultSet()) {
      PgRows reader = new PgRows(connection, arrays, result, Bytes.JSON);
      RowCollector taken =
          new RowCollector(
              reader.columns(), asObjects, budget, times, times > 1 ? large : LargeResults.NONE);
      while (true) {
        List<@Nullable Object> row = reader.next();
        if (row == null) {
          return taken.result();
        }
        canceller.waiting(
            () -> {
              taken.add(row);
              return row;
            });
      }
    }
  }

  private static boolean givesRows(BoundSql statement) {
    List<String> words = SqlText.words(statement.sql(), 1);
    return !words.isEmpty()
        && (GIVE_ROWS.contains(words.getFirst())
            || statement.sql().toUpperCase(Locale.ROOT).contains("RETURNING"));
  }

  /** Whether the statement manages transactions itself, or may not be in one. */
  static boolean standsAlone(BoundSql statement) {
    List<String> words = SqlText.words(statement.sql(), 6);
    if (words.isEmpty()) {
      return false;
    }
    String first = words.getFirst();
    String second = words.size() > 1 ? words.get(1) : "";
    return switch (first) {
      case "ROLLBACK" -> !words.contains("TO");
      case "PREPARE" -> second.equals("TRANSACTION");
      case "VACUUM" -> true;
      case "CLUSTER" -> second.isEmpty() || words.contains("VERBOSE");
      case "DISCARD" -> second.equals("ALL");
      case "REINDEX" ->
          words.contains("DATABASE") || words.contains("SYSTEM") || words.contains("CONCURRENTLY");
      case "CREATE", "DROP", "ALTER" ->
          Set.of("DATABASE", "TABLESPACE", "SYSTEM", "SUBSCRIPTION").contains(second)
              || words.contains("CONCURRENTLY");
      default -> MANAGE_TRANSACTIONS.contains(first);
    };
  }
}
