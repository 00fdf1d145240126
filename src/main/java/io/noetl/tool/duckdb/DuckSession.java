package io.noetl.tool.duckdb;

import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Bytes;
import io.noetl.tool.sql.Canceller;
import io.noetl.tool.sql.ResultBudget;
import io.noetl.tool.sql.StatementResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs the statements of one call, one by one. Used once, by one thread. */
final class DuckSession {
  private final Connection connection;
  private final Canceller canceller;
  private final boolean asObjects;
  private final ResultBudget budget;

  DuckSession(Connection connection, Canceller canceller, boolean asObjects, ResultBudget budget) {
    this.connection = connection;
    this.canceller = canceller;
    this.asObjects = asObjects;
    this.budget = budget;
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
      List<@Nullable Object> all = new ArrayList<>();
      List<@Nullable Object> row;
      while ((row = reader.next()) != null) {
        Object shown = asObjects ? object(reader.columns(), row) : row;
        budget.add(shown, times);
        all.add(shown);
        canceller.checkCancelled();
      }
      return StatementResult.of(reader.columns(), all);
    }
  }

  private static Map<String, @Nullable Object> object(
      List<String> columns, List<@Nullable Object> row) {
    Map<String, @Nullable Object> object = LinkedHashMap.newLinkedHashMap(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      object.put(columns.get(i), row.get(i));
    }
    return object;
  }
}
