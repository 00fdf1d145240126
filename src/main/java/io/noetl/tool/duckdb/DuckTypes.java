package io.noetl.tool.duckdb;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.tool.sql.Bytes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Struct;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.duckdb.JsonNode;
import org.jspecify.annotations.Nullable;

/** Makes plain values of what the driver gives. */
final class DuckTypes {
  private final Bytes bytes;

  DuckTypes(Bytes bytes) {
    this.bytes = bytes;
  }

  /** The value of a column of the current row. */
  @Nullable Object column(ResultSet result, ResultSetMetaData meta, int index) throws SQLException {
    if (meta.getColumnType(index) == Types.TIMESTAMP) {
      // Its general form would go through the time zone of this machine.
      return value(result.getObject(index, LocalDateTime.class));
    }
    return value(result.getObject(index));
  }

  private @Nullable Object value(@Nullable Object value) throws SQLException {
    return switch (value) {
      case null -> null;
      case String text -> text;
      case Boolean flag -> flag;
      case Long number -> number;
      case Byte number -> number.longValue();
      case Short number -> number.longValue();
      case Integer number -> number.longValue();
      case Float number -> finite(Double.parseDouble(number.toString()));
      case Double number -> finite(number);
      case BigInteger number -> number.toString();
      case BigDecimal number -> number.toPlainString();
      case LocalTime time -> DateTimeFormatter.ISO_LOCAL_TIME.format(time);
      case OffsetTime time -> DateTimeFormatter.ISO_OFFSET_TIME.format(time);
      case LocalDateTime time -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time);
      case Timestamp time -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time.toLocalDateTime());
      case OffsetDateTime time ->
          DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                  time.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime())
              + "+00:00";
      case JsonNode node ->
          bytes == Bytes.RAW ? new Json.Raw(node.toString()) : json(node.toString());
      case Blob blob -> bytes(blob);
      case DuckDBStruct struct -> map(struct.getMap());
      case Struct struct -> list(struct.getAttributes());
      case Array array -> list((Object[]) array.getArray());
      case Map<?, ?> map -> map(map);
      default -> value.toString(); // dates, UUIDs, intervals and what else has a text form
    };
  }

  private Object bytes(Blob blob) throws SQLException {
    byte[] all = blob.getBytes(1, Math.toIntExact(blob.length()));
    return bytes == Bytes.RAW ? all : Base64.getEncoder().encodeToString(all);
  }

  private List<@Nullable Object> list(Object[] elements) throws SQLException {
    List<@Nullable Object> list = new ArrayList<>(elements.length);
    for (Object element : elements) {
      list.add(value(element));
    }
    return list;
  }

  private Map<String, @Nullable Object> map(Map<?, ?> entries) throws SQLException {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      map.put(String.valueOf(entry.getKey()), value(entry.getValue()));
    }
    return map;
  }

  /** JSON has no word for the others. */
  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static @Nullable Object json(String text) {
    try {
      return Json.parse(text);
    } catch (JsonException e) {
      return text; // beyond our reader's limits: the text is still faithful
    }
  }
}
