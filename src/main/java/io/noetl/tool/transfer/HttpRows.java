package io.noetl.tool.transfer;

import io.noetl.json.Json;
import io.noetl.tool.InvalidConfig;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows in the body of an answer. */
final class HttpRows implements RowSource {
  private final List<String> columns;
  private final Iterator<Map<?, ?>> rows;

  private HttpRows(List<String> columns, List<Map<?, ?>> rows) {
    this.columns = columns;
    this.rows = rows.iterator();
  }

  /**
   * @param path members on the way to the list, with dots between; null = the body is the list
   * @throws InvalidConfig when there is no list of maps
   */
  static HttpRows of(@Nullable Object body, @Nullable String path) {
    Object value = body;
    String place = "the body";
    if (path != null && !path.isBlank()) {
      place = "source.data_path '" + path.strip() + "'";
      value = at(body, path.strip());
    }
    if (!(value instanceof List<?> list)) {
      throw new InvalidConfig(
          "Expected "
              + place
              + " of the source to be a list of maps, but it is "
              + Json.typeName(value));
    }
    List<Map<?, ?>> rows = new ArrayList<>(list.size());
    for (Object row : list) {
      if (!(row instanceof Map<?, ?> map)) {
        throw new InvalidConfig(
            "Expected "
                + place
                + " of the source to be a list of maps, but element "
                + rows.size()
                + " is "
                + Json.typeName(row));
      }
      rows.add(map);
    }
    List<String> columns = new ArrayList<>();
    if (!rows.isEmpty()) {
      rows.getFirst().keySet().forEach(key -> columns.add(String.valueOf(key)));
    }
    return new HttpRows(columns, rows);
  }

  /** A member on a path; null when there is none. */
  static @Nullable Object at(@Nullable Object from, String path) {
    Object value = from;
    for (String member : path.split("\\.")) {
      if (member.isEmpty() || member.equals("$")) {
        continue;
      }
      value =
          switch (value) {
            case Map<?, ?> map -> map.get(member);
            case List<?> list
                when member.matches("[0-9]{1,9}") && Integer.parseInt(member) < list.size() ->
                list.get(Integer.parseInt(member));
            case null, default -> null;
          };
    }
    return value;
  }

  /** The same rows with other fields of them as columns. */
  HttpRows with(List<String> fields) {
    List<Map<?, ?>> rest = new ArrayList<>();
    rows.forEachRemaining(rest::add);
    return new HttpRows(fields, rest);
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public @Nullable List<@Nullable Object> next() {
    if (!rows.hasNext()) {
      return null;
    }
    Map<?, ?> row = rows.next();
    List<@Nullable Object> values = new ArrayList<>(columns.size());
    for (String column : columns) {
      values.add(row.containsKey(column) ? row.get(column) : at(row, column));
    }
    return values;
  }

  @Override
  public void commit() {
    // Nothing was changed.
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
