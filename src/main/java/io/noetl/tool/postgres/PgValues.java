package io.noetl.tool.postgres;

import io.noetl.json.Json;
import io.noetl.tool.Fields;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Binds plain values; the server infers their types. Stateless. */
public final class PgValues {
  private PgValues() {}

  public static void bind(PreparedStatement statement, List<@Nullable Object> values)
      throws SQLException {
    // Only a list may mean two things; asking the server costs a round trip.
    ParameterMetaData types =
        values.stream().anyMatch(List.class::isInstance) ? statement.getParameterMetaData() : null;
    for (int i = 0; i < values.size(); i++) {
      boolean array =
          types != null
              && values.get(i) instanceof List<?>
              && types.getParameterType(i + 1) == Types.ARRAY;
      bind(statement, i + 1, values.get(i), array);
    }
  }

  /**
   * @param array whether a list is an array of the server, else it is JSON
   */
  public static void bind(
      PreparedStatement statement, int position, @Nullable Object value, boolean array)
      throws SQLException {
    switch (value) {
      case null -> statement.setNull(position, Types.NULL);
      case byte[] bytes -> statement.setBytes(position, bytes);
      case Json.Raw raw -> statement.setString(position, raw.text());
      case Boolean flag -> statement.setString(position, flag.toString());
      case List<?> list -> statement.setString(position, array ? array(list) : Json.text(list));
      case Map<?, ?> map -> statement.setString(position, Json.text(map));
      default -> statement.setString(position, Fields.asText(value));
    }
  }

  /** The server's text form of an array. */
  static String array(List<?> list) {
    List<String> elements = new ArrayList<>();
    for (@Nullable Object element : list) {
      elements.add(
          switch (element) {
            case null -> "NULL";
            case List<?> inner -> array(inner);
            case Boolean flag -> flag.toString();
            case byte[] bytes -> "\"\\\\x" + java.util.HexFormat.of().formatHex(bytes) + '"';
            case Json.Raw raw -> quoted(raw.text());
            case Map<?, ?> map -> quoted(Json.text(map));
            default -> quoted(Fields.asText(element));
          });
    }
    return "{" + String.join(",", elements) + "}";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
