package io.noetl.tool.transfer;

import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call as its author means it.
 *
 * @param source its fields
 * @param target its fields
 * @param table to write to; null = {@code statement} is run for each row
 * @param statement that writes one row, with its columns as placeholders; null = {@code table}
 * @param mapping column of the target to field of the source; empty = all columns of the first row
 * @param keys columns that tell rows apart; empty = the primary key of the table
 */
record TransferPlan(
    End from,
    Fields source,
    End to,
    Fields target,
    @Nullable String table,
    @Nullable String statement,
    Map<String, String> mapping,
    List<String> keys,
    Mode mode,
    int chunkSize) {

  /** What stands at an end of a transfer. */
  enum End {
    HTTP,
    POSTGRES,
    DUCKDB;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws InvalidConfig when a field is missing or cannot be used
   */
  static TransferPlan of(Fields fields, TransferSettings settings) {
    Fields source = end(fields, "source");
    Fields target = end(fields, "target");
    End from = type(source, "source", "http, postgres or duckdb");
    End to = type(target, "target", "postgres or duckdb");
    if (to == End.HTTP) {
      throw new InvalidConfig(
          "Invalid transfer config: expected target.type to be postgres or duckdb, but it is"
              + " 'http'");
    }
    Mode mode = Mode.of(fields.text("mode"));
    String table = target.text("table");
    String statement = table == null ? target.text("query", "sql", "command") : null;
    if (table == null && statement == null) {
      throw InvalidConfig.missing(ToolKind.TRANSFER, "target.table");
    }
    if (statement != null && mode != Mode.APPEND) {
      throw new InvalidConfig(
          "Invalid transfer config: expected field 'mode' to be append with target.query, but it is"
              + " '"
              + mode.word()
              + "'");
    }
    return new TransferPlan(
        from,
        source,
        to,
        target,
        table,
        statement,
        mapping(target.first("mapping") == null ? fields : target),
        keys(target.first("key", "keys", "conflict_columns")),
        mode,
        chunkSize(fields, settings));
  }

  private static Fields end(Fields fields, String name) {
    if (fields.first(name) == null) {
      throw InvalidConfig.missing(ToolKind.TRANSFER, name);
    }
    return new Fields(ToolKind.TRANSFER, fields.map(name));
  }

  private static End type(Fields end, String name, String known) {
    String type = end.text("type", "tool", "kind");
    if (type == null || type.isBlank()) {
      throw InvalidConfig.missing(ToolKind.TRANSFER, name + ".type");
    }
    return switch (type.strip().toLowerCase(Locale.ROOT)) {
      case "http" -> End.HTTP;
      case "postgres", "postgresql" -> End.POSTGRES;
      case "duckdb" -> End.DUCKDB;
      default ->
          throw new InvalidConfig(
              "Invalid transfer config: expected "
                  + name
                  + ".type to be "
                  + known
                  + ", but it is '"
                  + type
                  + "'");
    };
  }

  private static Map<String, String> mapping(Fields fields) {
    return new LinkedHashMap<>(fields.texts("mapping"));
  }

  private static List<String> keys(@Nullable Object field) {
    List<String> keys = new ArrayList<>();
    switch (field) {
      case null -> {}
      case List<?> list -> list.forEach(key -> keys.add(String.valueOf(key)));
      default -> {
        for (String key : Fields.asText(field).split(",")) {
          keys.add(key.strip());
        }
      }
    }
    return keys;
  }

  private static int chunkSize(Fields fields, TransferSettings settings) {
    String text = fields.text("chunk_size");
    if (text == null || text.isBlank()) {
      return Math.min(settings.chunkSize(), settings.maxChunkSize());
    }
    int size = text.strip().matches("[0-9]{1,9}") ? Integer.parseInt(text.strip()) : 0;
    if (size < 1 || size > settings.maxChunkSize()) {
      throw new InvalidConfig(
          "Invalid transfer config: expected field 'chunk_size' to be a number from 1 to "
              + settings.maxChunkSize()
              + " (transfer.max-chunk-size), but it is '"
              + text
              + "'");
    }
    return size;
  }
}
