package io.noetl.tool.sql;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one statement came to.
 *
 * @param columns their names; null when the statement gives no rows
 * @param rows a map or a list per row; null when the statement gives no rows
 * @param affected rows it changed; 0 when it gives rows
 * @param stored its rows when they were stored while they were read; null otherwise
 */
public record StatementResult(
    @Nullable List<String> columns,
    @Nullable List<@Nullable Object> rows,
    long affected,
    @Nullable StoredRows stored) {

  /** Of a statement whose rows were stored while they were read. */
  static StatementResult of(StoredRows stored) {
    return new StatementResult(null, null, 0, stored);
  }

  /** Of a statement that gives rows. */
  public static StatementResult of(List<String> columns, List<@Nullable Object> rows) {
    return new StatementResult(columns, rows, 0, null);
  }

  /**
   * Of a statement that gives no rows.
   *
   * @param affected rows it changed; negative counts as 0
   */
  public static StatementResult of(long affected) {
    return new StatementResult(null, null, Math.max(0, affected), null);
  }

  /** The tool data of the statement. */
  Map<String, @Nullable Object> data() {
    if (stored != null) {
      return stored.glance();
    }
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    if (rows != null) {
      data.put("columns", columns);
      data.put("rows", rows);
      data.put("row_count", (long) rows.size());
    } else {
      data.put("affected_rows", affected);
      data.put("row_count", affected);
    }
    return data;
  }
}
