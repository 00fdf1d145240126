package io.noetl.tool.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.postgresql.core.Oid;

/**
 * Which types of one database are arrays of what. Asks the server once per type. Safe for use by
 * many threads.
 */
public final class PgArrays {
  private static final String QUESTION =
      "select typelem::int8 from pg_catalog.pg_type where oid = ?::oid and typcategory = 'A'";

  private final Map<Integer, Integer> known = new HashMap<>();

  /** The type of an array's elements; 0 when the type is no array. */
  int element(Connection connection, int type) throws SQLException {
    int builtIn = builtIn(type);
    if (builtIn >= 0) {
      return builtIn;
    }
    synchronized (this) {
      Integer element = known.get(type);
      if (element != null) {
        return element;
      }
    }
    int element = asked(connection, type);
    synchronized (this) {
      known.put(type, element);
    }
    return element;
  }

  /** Of the types that are met most often; -1 for others. */
  private static int builtIn(int type) {
    return switch (type) {
      case Oid.INT2,
          Oid.INT4,
          Oid.INT8,
          Oid.FLOAT4,
          Oid.FLOAT8,
          Oid.NUMERIC,
          Oid.BOOL,
          Oid.TEXT,
          Oid.VARCHAR,
          Oid.BPCHAR,
          Oid.NAME,
          Oid.JSON,
          Oid.JSONB,
          Oid.BYTEA,
          Oid.UUID,
          Oid.DATE,
          Oid.TIME,
          Oid.TIMESTAMP,
          Oid.TIMESTAMPTZ,
          Oid.INTERVAL,
          Oid.VOID,
          Oid.UNSPECIFIED ->
          0;
      case Oid.INT4_ARRAY -> Oid.INT4;
      case Oid.INT8_ARRAY -> Oid.INT8;
      case Oid.TEXT_ARRAY -> Oid.TEXT;
      default -> -1;
    };
  }

  private static int asked(Connection connection, int type) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUESTION)) {
      statement.setString(1, Integer.toUnsignedString(type));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? (int) row.getLong(1) : 0;
      }
    }
  }
}
