package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.postgres.PgConnection;
import io.noetl.tool.postgres.PgRows;
import io.noetl.tool.postgres.PgValues;
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

/** A table of PostgreSQL, or a statement that writes a row. */
final class PgTarget implements RowTarget {
  private static final String PRIMARY_KEY =
      """
      select a.attname
      from pg_catalog.pg_index i
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
      where i.indrelid = ?::regclass and i.indisprimary
      order by array_position(i.indkey::int2[], a.attnum)
      """;

  private final PgConnection on;
  private final Connection connection;
  private final Canceller canceller;
  private final TransferPlan plan;
  private final List<Boolean> arrays = new ArrayList<>();
  private final List<Boolean> documents = new ArrayList<>();
  private List<String> columns = List.of();
  private List<Integer> keys = List.of();
  private @Nullable PreparedStatement insert;

  PgTarget(PgConnection on, Canceller canceller, TransferPlan plan) throws SQLException {
    this.on = on;
    this.connection = on.connection();
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
      execute("delete from " + table);
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
        ResultSet none = statement.executeQuery("select * from " + table + " where false")) {
      PgRows shape = new PgRows(connection, on.arrays(), none, Bytes.RAW);
      List<String> known = new ArrayList<>();
      for (int position :
          SqlNames.positions(ToolKind.TRANSFER, "table " + table, shape.columns(), names)) {
        known.add(shape.columns().get(position));
        arrays.add(shape.array(position));
        documents.add(shape.json(position));
      }
      return known;
    }
  }

  private List<String> primaryKey(String table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PRIMARY_KEY)) {
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
        for (int i = 0; i < row.size(); i++) {
          Object value = documents.get(i) ? Documents.of(row.get(i)) : row.get(i);
          PgValues.bind(into, i + 1, value, arrays.get(i));
        }
        into.addBatch();
      }
      batch(into);
    } else if (own != null) {
      writeEach(own, rows);
    }
  }

  private void writeEach(String own, List<List<@Nullable Object>> rows) throws SQLException {
    BoundSql first = TableWrites.bound(ToolKind.POSTGRES, own, columns, rows.getFirst());
    try (PreparedStatement statement = connection.prepareStatement(first.sql())) {
      for (List<@Nullable Object> row : rows) {
        PgValues.bind(statement, TableWrites.bound(ToolKind.POSTGRES, own, columns, row).values());
        canceller.at(statement);
        statement.execute();
      }
    } finally {
      canceller.at(null);
    }
  }

  private void batch(PreparedStatement statement) throws SQLException {
    canceller.at(statement);
    statement.executeBatch();
    canceller.at(null);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      canceller.at(statement);
      statement.execute(sql);
    } finally {
      canceller.at(null);
    }
  }

  @Override
  public void commit() throws SQLException {
    canceller.checkCancelled();
    connection.commit();
  }

  /** The pool rolls back what was not committed. */
  @Override
  public void close() throws SQLException {
    PreparedStatement statement = insert;
    if (statement != null) {
      statement.close();
    }
  }
}
