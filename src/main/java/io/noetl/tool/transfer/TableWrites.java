package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.sql.BoundSql;
import io.noetl.tool.sql.SqlNames;
import io.noetl.tool.sql.SqlParameters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The SQL of writing rows, which both databases understand. Stateless. */
final class TableWrites {
  private TableWrites() {}

  /**
   * A statement that writes one row.
   *
   * @param table quoted where needed
   * @param columns of the table
   * @param keys none = rows are only added
   */
  static String insert(String table, List<String> columns, List<String> keys) {
    StringBuilder sql = new StringBuilder();
    sql.append("insert into ").append(table).append(" (").append(quoted(columns)).append(")");
    sql.append(" values (");
    sql.append(String.join(", ", Collections.nCopies(columns.size(), "?"))).append(")");
    if (keys.isEmpty()) {
      return sql.toString();
    }
    sql.append(" on conflict (").append(quoted(keys)).append(") do ");
    List<String> changes = new ArrayList<>();
    for (String column : columns) {
      if (!keys.contains(column)) {
        changes.add(SqlNames.quoted(column) + " = excluded." + SqlNames.quoted(column));
      }
    }
    sql.append(changes.isEmpty() ? "nothing" : "update set " + String.join(", ", changes));
    return sql.toString();
  }

  private static String quoted(List<String> names) {
    return String.join(", ", names.stream().map(SqlNames::quoted).toList());
  }

  /**
   * The keys of an upsert, as the table spells them.
   *
   * @param wanted by the call; empty = the primary key
   * @throws InvalidConfig when there are none, or the rows lack one
   */
  static List<String> keys(
      String table, List<String> wanted, List<String> primary, List<String> columns) {
    List<String> keys = wanted.isEmpty() ? primary : wanted;
    if (keys.isEmpty()) {
      throw new InvalidConfig(
          "Invalid transfer config: expected a primary key of "
              + table
              + ", or field 'target.key', with mode upsert, but there is neither");
    }
    return SqlNames.positions(ToolKind.TRANSFER, "the rows", columns, keys).stream()
        .map(columns::get)
        .toList();
  }

  /** The rows without those that a later one of the same key replaces. */
  static Collection<List<@Nullable Object>> latest(
      List<List<@Nullable Object>> rows, List<Integer> keys) {
    if (keys.isEmpty()) {
      return rows;
    }
    Map<List<String>, List<@Nullable Object>> latest = new LinkedHashMap<>();
    for (List<@Nullable Object> row : rows) {
      List<String> key = new ArrayList<>(keys.size());
      for (int position : keys) {
        Object value = row.get(position);
        key.add(value == null ? "" : Fields.asText(value));
      }
      latest.put(key, row);
    }
    return latest.values();
  }

  /** The author's own statement, with a row as its values. */
  static BoundSql bound(
      ToolKind dialect, String statement, List<String> columns, List<@Nullable Object> row) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      values.put(columns.get(i), row.get(i));
    }
    return new SqlParameters.Named(values).bind(dialect, statement);
  }
}
