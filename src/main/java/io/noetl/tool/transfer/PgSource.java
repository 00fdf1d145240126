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
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that PostgreSQL gives, in portions. */
final class PgSource implements RowSource {
  private final Connection connection;
  private final Canceller canceller;
  private final Statement statement;
  private final ResultSet result;
  private final PgRows rows;

  PgSource(PgConnection on, Canceller canceller, BoundSql sql, int fetchSize) throws SQLException {
    this.connection = on.connection();
    this.canceller = canceller;
    // Only inside a transaction does the driver read rows in portions.
    connection.setAutoCommit(false);
    boolean gives;
    if (sql.prepared()) {
      PreparedStatement prepared = connection.prepareStatement(sql.sql());
      statement = prepared;
      ready(statement, fetchSize);
      PgValues.bind(prepared, sql.values());
      gives = prepared.execute();
    } else {
      statement = connection.createStatement();
      ready(statement, fetchSize);
      gives = statement.execute(sql.sql());
    }
    if (!gives) {
      throw new InvalidConfig(
          "Invalid "
              + ToolKind.TRANSFER.word()
              + " config: expected source.query to give rows, but it gives none");
    }
    result = statement.getResultSet();
    rows = new PgRows(connection, on.arrays(), result, Bytes.RAW);
  }

  private void ready(Statement running, int fetchSize) throws SQLException {
    running.setEscapeProcessing(false);
    running.setFetchSize(fetchSize);
    canceller.at(running);
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
