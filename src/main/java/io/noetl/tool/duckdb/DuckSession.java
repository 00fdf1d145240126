package io.noetl.tool.duckdb;

import io.noetl.tool.LargeResults;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Bytes;
import io.noetl.tool.sql.Canceller;
import io.noetl.tool.sql.ResultBudget;
import io.noetl.tool.sql.RowCollector;
import io.noetl.tool.sql.StatementResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the statements of one call, one by one. Used once, by one thread. */
final class DuckSession {
  private final Connection connection;
  private final Canceller canceller;
  private final boolean asObjects;
  private final ResultBudget budget;
  private final LargeResults large;

  DuckSession(
      Connection connection,
      Canceller canceller,
      boolean asObjects,
      ResultBudget budget,
      LargeResults large) {
    this.connection = connection;
    this.canceller = canceller;
    this.asObjects = asObjects;
    this.budget = budget;
    this.large = large;
  }

  List<StatementResult> run(List<BoundSql> statements) throws SQLException {
    List<StatementResult> results = new ArrayList<>();
    for (BoundSql statement : statements) {
      // The last is part of the result twice.
      int times = results.size() == statements.size() - 1 ? 2 : 1;
      results.add(execute(statement, times));
    }
    return results;
  }

  private StatementResult execute(BoundSql sql, int times) throws SQLException {
    if (sql.prepared()) {
      try (PreparedStatement statement = connection.prepareStatement(sql.sql())) {
        DuckValues.bind(statement, sql.values());
        canceller.at(statement);
        return result(statement, statement.execute(), times);
      } finally {
        canceller.at(null);
      }
    }
    try (Statement statement = connection.createStatement()) {
      canceller.at(statement);
      return result(statement, statement.execute(sql.sql()), times);
    } finally {
      canceller.at(null);
    }
  }

  private StatementResult result(Statement statement, boolean rows, int times) throws SQLException {
    if (!rows) {
      return StatementResult.of(statement.getUpdateCount());
    }
    try (ResultSet result = statement.getResultSet()) {
      DuckRows reader = new DuckRows(result, Bytes.JSON);
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
}
