package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.postgres.PgConnection;
import io.noetl.tool.postgres.PgRows;
import io.noetl.tool.postgres.PgValues;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Bytes;
import io.noetl.tool.sql.Canceller;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that PostgreSQL gives, in portions. */
final class PgSource implements RowSource {
  private final Connection connection;
  private final Canceller canceller;
  private final PreparedStatement statement;
  private final ResultSet result;
  private final PgRows rows;

  PgSource(PgConnection on, Canceller canceller, BoundSql sql, int fetchSize) throws SQLException {
    this.connection = on.connection();
    this.canceller = canceller;
    // Only inside a transaction does the driver read rows in portions.
    connection.setAutoCommit(false);
    // A placeholder that is none of ours is text; the plain form knows that only doubled.
    statement =
        connection.prepareStatement(sql.prepared() ? sql.sql() : sql.sql().replace("?", "??"));
    statement.setEscapeProcessing(false);
    statement.setFetchSize(fetchSize);
    PgValues.bind(statement, sql.values());
    canceller.at(statement);
    if (!statement.execute()) {
      throw new InvalidConfig(
          "Invalid "
              + ToolKind.TRANSFER.word()
              + " config: expected source.query to give rows, but it gives none");
    }
    result = statement.getResultSet();
    rows = new PgRows(connection, on.arrays(), result, Bytes.RAW);
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
  public void commit() throws SQLException {
    connection.commit();
  }

  @Override
  public void close() throws SQLException {
    canceller.at(null);
    result.close();
    statement.close();
  }
}
