package io.noetl.tool.duckdb;

import io.noetl.json.Json;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Canceller;
import io.noetl.tool.sql.ResultBudget;
import io.noetl.tool.sql.StatementResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
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
  private final DuckTypes types = new DuckTypes(DuckTypes.Bytes.BASE64);

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
        bind(statement, sql.values());
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
      ResultSetMetaData meta = result.getMetaData();
      List<String> columns = columns(meta);
      List<@Nullable Object> all = new ArrayList<>();
      while (result.next()) {
        List<@Nullable Object> row = row(result, meta, types);
        Object shown = asObjects ? object(columns, row) : row;
        budget.add(shown, times);
        all.add(shown);
        canceller.checkCancelled();
      }
      return StatementResult.of(columns, all);
    }
  }

  static List<String> columns(ResultSetMetaData meta) throws SQLException {
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= meta.getColumnCount(); i++) {
      columns.add(meta.getColumnLabel(i));
    }
    return columns;
  }

  static List<@Nullable Object> row(ResultSet result, ResultSetMetaData meta, DuckTypes types)
      throws SQLException {
    int count = meta.getColumnCount();
    List<@Nullable Object> row = new ArrayList<>(count);
    for (int i = 1; i <= count; i++) {
      row.add(types.column(result, meta, i));
    }
    return row;
  }

  static void bind(PreparedStatement statement, List<@Nullable Object> values) throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      switch (value) {
        case byte[] bytes -> statement.setBytes(i + 1, bytes);
        // Their JSON text can be cast to what the statement wants.
        case List<?> list -> statement.setString(i + 1, Json.text(list));
        case Map<?, ?> map -> statement.setString(i + 1, Json.text(map));
        case null, default -> statement.setObject(i + 1, value);
      }
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
