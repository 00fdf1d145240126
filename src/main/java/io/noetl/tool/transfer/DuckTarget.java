package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.duckdb.DuckRows;
import io.noetl.tool.duckdb.DuckValues;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Bytes;
import io.noetl.tool.sql.Canceller;
import io.noetl.tool.sql.SqlNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of DuckDB, or a statement that writes a row. Closes the connection. */
final class DuckTarget implements RowTarget {
  private final Connection connection;
  private final Canceller canceller;
  private final TransferPlan plan;
  private final List<Boolean> documents = new ArrayList<>();
  private List<String> columns = List.of();
  private List<Integer> keys = List.of();
  private @Nullable PreparedStatement insert;

  DuckTarget(Connection connection, Canceller canceller, TransferPlan plan) throws SQLException {
    this.connection = connection;
    this.canceller = canceller;
    this.plan = plan;
    connection.setAutoCommit(false);
  }

  @Override
  public void begin(List<String> names) throws SQLException {
    String written = plan.table();
    columns = names;
    if (written == null) {
      return;
    }
    String table = SqlNames.table(ToolKind.TRANSFER, written);
    if (plan.mode() == Mode.REPLACE) {
      try (Statement statement = connection.createStatement()) {
        canceller.at(statement);
        statement.execute("delete from " + table);
      } finally {
        canceller.at(null);
      }
    }
    if (names.isEmpty()) {
      return;
    }
    columns = known(table, names);
    List<String> keyNames = List.of();
    if (plan.mode() == Mode.UPSERT) {
      keyNames = TableWrites.keys(written, plan.keys(), primaryKey(table), columns);
      keys = SqlNames.positions(ToolKind.TRANSFER, written, columns, keyNames);
    }
    insert = connection.prepareStatement(TableWrites.insert(table, columns, keyNames));
  }

  /** The columns as the table spells them; notes what they hold. */
  private List<String> known(String table, List<String> names) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet none = statement.executeQuery("select * from " + table + " limit 0")) {
      DuckRows shape = new DuckRows(none, Bytes.RAW);
      List<String> known = new ArrayList<>();
      for (int position :
          SqlNames.positions(ToolKind.TRANSFER, "table " + table, shape.columns(), names)) {
        known.add(shape.columns().get(position));
        documents.add(shape.json(position));
      }
      return known;
    }
  }

  private List<String> primaryKey(String table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select name from pragma_table_info(?) where pk")) {
      statement.setString(1, table);
      List<String> primary = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          primary.add(rows.getString(1));
        }
      }
      return primary;
    }
  }

  @Override
  public void write(List<List<@Nullable Object>> rows) throws SQLException {
    PreparedStatement into = insert;
    String own = plan.statement();
    if (into != null) {
      for (List<@Nullable Object> row : TableWrites.latest(rows, keys)) {
        List<@Nullable Object> values = new ArrayList<>(row.size());
        for (int i = 0; i < row.size(); i++) {
          values.add(documents.get(i) ? Documents.of(row.get(i)) : row.get(i));
        }
        DuckValues.bind(into, values);
        canceller.at(into);
        into.execute();
      }
      canceller.at(null);
    } else if (own != null) {
      writeEach(own, rows);
    }
  }

  private void writeEach(String own, List<List<@Nullable Object>> rows) throws SQLException {
    BoundSql first = TableWrites.bound(ToolKind.DUCKDB, own, columns, rows.getFirst());
    try (PreparedStatement statement = connection.prepareStatement(first.sql())) {
      for (List<@Nullable Object> row : rows) {
        DuckValues.bind(statement, TableWrites.bound(ToolKind.DUCKDB, own, columns, row).values());
        canceller.at(statement);
        statement.execute();
      }
    } finally {
      canceller.at(null);
    }
  }

  @Override
  public void commit() throws SQLException {
    canceller.checkCancelled();
    connection.commit();
  }

  /** DuckDB rolls back what was not committed. */
  @Override
  public void close() throws SQLException {
    PreparedStatement statement = insert;
    if (statement != null) {
      statement.close();
    }
    connection.close();
  }
}
