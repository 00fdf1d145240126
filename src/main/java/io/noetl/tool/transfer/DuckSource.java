package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.duckdb.DuckRows;
import io.noetl.tool.duckdb.DuckValues;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Bytes;
import io.noetl.tool.sql.Canceller;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that DuckDB gives. Closes the connection. */
final class DuckSource implements RowSource {
  private final Connection connection;
  private final Canceller canceller;
  private final PreparedStatement statement;
  private final ResultSet result;
  private final DuckRows rows;

  DuckSource(Connection connection, Canceller canceller, BoundSql sql) throws SQLException {
    this.connection = connection;
    this.canceller = canceller;
    statement = connection.prepareStatement(sql.sql());
    DuckValues.bind(statement, sql.values());
    canceller.at(statement);
    if (!statement.execute()) {
      throw new InvalidConfig(
          "Invalid "
              + ToolKind.TRANSFER.word()
              + " config: expected source.query to give rows, but it gives none");
    }
    result = statement.getResultSet();
    rows = new DuckRows(result, Bytes.RAW);
  }

  @Override
  public List<String> columns() {
    return rows.columns();
  }

  @Override
  public @Nullable List<@Nullable Object> next() throws SQLException {
    canceller.at(statement);
    return rows.next();
  }

  @Override
  public void commit() {
    // In autocommit: what the statement changed is kept already.
  }

  @Override
  public void close() throws SQLException {
    canceller.at(null);
    result.close();
    statement.close();
    connection.close();
  }
}
