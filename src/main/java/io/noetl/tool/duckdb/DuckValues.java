package io.noetl.tool.duckdb;

import io.noetl.json.Json;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Binds plain values. Stateless. */
public final class DuckValues {
  private DuckValues() {}

  public static void bind(PreparedStatement statement, List<@Nullable Object> values)
      throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      switch (value) {
        case byte[] bytes -> statement.setBytes(i + 1, bytes);
        case Json.Raw raw -> statement.setString(i + 1, raw.text());
        // Their JSON text can be cast to what the statement wants.
        case List<?> list -> statement.setString(i + 1, Json.text(list));
        case Map<?, ?> map -> statement.setString(i + 1, Json.text(map));
        case null, default -> statement.setObject(i + 1, value);
      }
    }
  }
}
