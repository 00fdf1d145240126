package io.noetl.tool.duckdb;

import io.noetl.tool.sql.Bytes;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the rows of one result. One thread; ends with its result set. */
public final class DuckRows {
  private final ResultSet result;
  private final ResultSetMetaData meta;
  private final List<String> columns = new ArrayList<>();
  private final DuckTypes types;

  public DuckRows(ResultSet result, Bytes bytes) throws SQLException {
    this.result = result;
    this.meta = result.getMetaData();
    this.types = new DuckTypes(bytes);
    for (int i = 1; i <= meta.getColumnCount(); i++) {
      columns.add(meta.getColumnLabel(i));
    }
  }

  public List<String> columns() {
    return columns;
  }

  /** Whether the column holds JSON documents. */
  public boolean json(int index) throws SQLException {
    return meta.getColumnTypeName(index + 1).equals("JSON");
  }

  /** The values of the next row in the order of the columns, or null after the last. */
  public @Nullable List<@Nullable Object> next() throws SQLException {
    if (!result.next()) {
      return null;
    }
    List<@Nullable Object> row = new ArrayList<>(columns.size());
    for (int i = 1; i <= columns.size(); i++) {
      row.add(types.column(result, meta, i));
    }
    return row;
  }
}
