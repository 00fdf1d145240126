package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.duckdb.DuckRows;
import io.noetl.tool.duckdb.DuckValues;
import io.noetl.tool.sql.Bytes;
import io.noetl.tool.sql.Canceller;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Of DuckDB, which rolls back what was not committed. Closes the connection. */
final class DuckTarget extends SqlTarget {
  private final Connection connection;

  DuckTarget(Connection connection, Canceller canceller, TransferPlan plan) throws SQLException {
    super(ToolKind.DUCKDB, connection, canceller, plan);
    this.connection = connection;
  }

  @Override
  List<Column> columns(ResultSet none) throws SQLException {
    DuckRows shape = new DuckRows(none, Bytes.RAW);
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < shape.columns().size(); i++) {
      columns.add(new Column(shape.columns().get(i), shape.json(i), false));
    }
    return columns;
  }

  @Override
  String primaryKeySql() {
    return "select name from pragma_table_info(?) where pk";
  }

  @Override
  void bindRow(PreparedStatement statement, List<Column> into, List<@Nullable Object> values)
      throws SQLException {
    DuckValues.bind(statement, values);
  }

  @Override
  void bind(PreparedStatement statement, List<@Nullable Object> values) throws SQLException {
    DuckValues.bind(statement, values);
  }

  @Override
  public void close() throws SQLException {
    super.close();
    connection.close();
  }
}
