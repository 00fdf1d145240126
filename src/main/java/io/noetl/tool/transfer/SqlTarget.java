package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.Canceller;
import io.noetl.tool.sql.SqlNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table, or a statement that writes a row, in one transaction of a connection. What differs
 * between databases is in the subclasses: how a table says what it holds, and how values are bound.
 */
abstract sealed class SqlTarget implements RowTarget permits DuckTarget, PgTarget {
  private final ToolKind kind;
  private final Connection connection;
  private final Canceller canceller;
  private final TransferPlan plan;
  private List<String> columns = List.of();
  private List<Column> written = List.of();
  private List<Integer> keys = List.of();
  private @Nullable PreparedStatement insert;

  /**
   * A column of the table.
   *
   * @param document whether it holds JSON
   * @param array whether it holds an array of the database
   */
  record Column(String name, boolean document, boolean array) {}

  SqlTarget(ToolKind kind, Connection connection, Canceller canceller, TransferPlan plan)
      throws SQLException {
    this.kind = kind;
    this.connection = connection;
    this.canceller = canceller;
    this.plan = plan;
    connection.setAutoCommit(false);
  }

  /** The columns of the rows of a query that has none. */
  abstract List<Column> columns(ResultSet none) throws SQLException;

  /** Gives the names of the columns of a table's primary key, in order; takes the table's name. */
  abstract String primaryKeySql();

  /** Binds the values of a row of the table. */
  abstract void bindRow(
      PreparedStatement statement, List<Column> into, List<@Nullable Object> values)
      throws SQLException;

  /** Binds the values of a statement that the playbook wrote. */
  abstract void bind(PreparedStatement statement, List<@Nullable Object> values)
      throws SQLException;

  @Override
  public void begin(List<String> names) throws SQLException {
    String name = plan.table();
    columns = names;
    if (name == null) {
      return;
    }
    String table = SqlNames.table(ToolKind.TRANSFER, name);
    if (plan.mode() == Mode.REPLACE) {
      empty(table);
    }
    if (names.isEmpty()) {
      return;
    }
    written = known(table, names);
    columns = written.stream().map(Column::name).toList();
    List<String> keyNames = List.of();
    if (plan.mode() == Mode.UPSERT) {
      keyNames = TableWrites.keys(name, plan.keys(), primaryKey(table), columns);
      keys = SqlNames.positions(ToolKind.TRANSFER, name, columns, keyNames);
    }
    insert = connection.prepareStatement(TableWrites.insert(table, columns, keyNames));
  }

  private void empty(String table) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      canceller.at(statement);
      statement.execute("delete from " + table);
    } finally {
      canceller.at(null);
    }
  }

  /** The named columns as the table spells them. */
  private List<Column> known(String table, List<String> names) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet none = statement.executeQuery("select * from " + table + " where false")) {
      List<Column> all = columns(none);
      List<String> spelled = all.stream().map(Column::name).toList();
      return SqlNames.positions(ToolKind.TRANSFER, "table " + table, spelled, names).stream()
          .map(all::get)
          .toList();
    }
  }

  private List<String> primaryKey(String table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(primaryKeySql())) {
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
      writeTable(into, TableWrites.latest(rows, keys));
    } else if (own != null) {
      writeEach(own, rows);
    }
  }

  private void writeTable(PreparedStatement into, Collection<List<@Nullable Object>> rows)
      throws SQLException {
    for (List<@Nullable Object> row : rows) {
      List<@Nullable Object> values = new ArrayList<>(row.size());
      for (int i = 0; i < row.size(); i++) {
        values.add(written.get(i).document() ? Documents.of(row.get(i)) : row.get(i));
      }
      bindRow(into, written, values);
      into.addBatch();
    }
    canceller.at(into);
    try {
      into.executeBatch();
    } finally {
      canceller.at(null);
    }
  }

  private void writeEach(String own, List<List<@Nullable Object>> rows) throws SQLException {
    BoundSql first = TableWrites.bound(kind, own, columns, rows.getFirst());
    try (PreparedStatement statement = connection.prepareStatement(first.sql())) {
      for (List<@Nullable Object> row : rows) {
        bind(statement, TableWrites.bound(kind, own, columns, row).values());
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

  @Override
  public void close() throws SQLException {
    PreparedStatement statement = insert;
    if (statement != null) {
      statement.close();
    }
  }
}
