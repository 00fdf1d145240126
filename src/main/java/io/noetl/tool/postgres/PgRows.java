package io.noetl.tool.postgres;

import io.noetl.tool.sql.Bytes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgResultSet;

/** Reads the rows of one result. One thread; ends with its result set. */
public final class PgRows {
  private final ResultSet result;
  private final List<String> columns;
  private final int[] types;
  private final int[] elements;
  private final Bytes bytes;

  public PgRows(Connection connection, PgArrays arrays, ResultSet result, Bytes bytes)
      throws SQLException {
    this.result = result;
    this.bytes = bytes;
    ResultSetMetaData meta = result.getMetaData();
    int count = meta.getColumnCount();
    PgResultSet own = result.unwrap(PgResultSet.class);
    columns = new ArrayList<>(count);
    types = new int[count];
    elements = new int[count];
    for (int i = 0; i < count; i++) {
      columns.add(meta.getColumnLabel(i + 1));
      types[i] = own.getColumnOID(i + 1);
      elements[i] = arrays.element(connection, types[i]);
    }
  }

  public List<String> columns() {
    return columns;
  }

  /** Whether the column holds arrays. */
  public boolean array(int index) {
    return elements[index] != 0;
  }

  /** Whether the column holds JSON documents. */
  public boolean json(int index) {
    return types[index] == Oid.JSON || types[index] == Oid.JSONB;
  }

  /** The values of the next row in the order of the columns, or null after the last. */
  public @Nullable List<@Nullable Object> next() throws SQLException {
    if (!result.next()) {
      return null;
    }
    List<@Nullable Object> row = new ArrayList<>(types.length);
    for (int i = 0; i < types.length; i++) {
      row.add(PgTypes.value(types[i], elements[i], result.getString(i + 1), bytes));
    }
    return row;
  }
}
