package io.noetl.policy.compiled;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of policies. What a compilation came to is written only while the row still names it, so
 * any number of servers may look after one at once. Safe for use by many threads.
 */
final class PolicyStore {
  private static final String SET =
      """
      insert into noetl.policy as p
             (part, source, source_version, set_by, set_at, version, due_at)
      values (?, ?, 1, ?, now(), 0, now())
      on conflict (part) do update
         set source = excluded.source, source_version = p.source_version + 1,
             set_by = excluded.set_by, set_at = now(), due_at = now(),
             execution_id = null, begun_at = null, error = null, failed_at = null
      returning source_version
      """;

  private final Database database;

  PolicyStore(Database database) {
    this.database = database;
  }

  /** All rows there are, by part. */
  Map<Part, PolicyRow> rows() {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
                  connection.prepareStatement(
                      """
                      select part, source is not null, source_version, set_by, set_at, version,
                             document is not null, of_source, of_compiler, compiled_at, confirmed_at,
                             error, failed_at, execution_id, begun_at, tried_compiler, due_at, now()
                        from noetl.policy
                      """);
              ResultSet rows = statement.executeQuery()) {
            Map<Part, PolicyRow> found = new EnumMap<>(Part.class);
            while (rows.next()) {
              PolicyRow row = row(rows);
              found.put(row.part(), row);
            }
            return found;
          }
        });
  }

  private static PolicyRow row(ResultSet row) throws SQLException {
    Part part = Part.of(row.getString(1));
    if (part == null) {
      throw new IllegalStateException("Expected a part of policies, but got " + row.getString(1));
    }
    return new PolicyRow(
        part,
        row.getBoolean(2),
        row.getInt(3),
        row.getString(4),
        time(row, 5),
        row.getInt(6),
        row.getBoolean(7),
        row.getObject(8, Integer.class),
        row.getObject(9, Integer.class),
        timeIfAny(row, 10),
        timeIfAny(row, 11),
        row.getString(12),
        timeIfAny(row, 13),
        row.getObject(14, Long.class),
        timeIfAny(row, 15),
        row.getObject(16, Integer.class),
        time(row, 17),
        time(row, 18));
  }

  private static Instant time(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static @Nullable Instant timeIfAny(ResultSet row, int column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  @Nullable String source(Part part) {
    return text("select source from noetl.policy where part = ?", part);
  }

  @Nullable String document(Part part) {
    return text("select document from noetl.policy where part = ?", part);
  }

  private @Nullable String text(String sql, Part part) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, part.word());
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? row.getString(1) : null;
            }
          }
        });
  }

  /**
   * Sets what to compile, and has it compiled at once. What holds goes on to hold meanwhile.
   *
   * @return the version of the source
   */
  int set(Part part, String source, String setBy) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(SET)) {
            statement.setString(1, part.word());
            statement.setString(2, source);
            statement.setString(3, setBy);
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              return row.getInt(1);
            }
          }
        });
  }

  /** Turns a part off: built-in rules alone. */
  void remove(Part part, String setBy) {
    update(
        """
        update noetl.policy
           set source = null, document = null, version = version + 1,
               source_version = source_version + 1, set_by = ?, set_at = now(),
               of_source = null, of_compiler = null, compiled_at = null, confirmed_at = null,
               execution_id = null, begun_at = null, error = null, failed_at = null
         where part = ? and source is not null
        """,
        setBy,
        part.word());
  }

  /** Has it compiled at once. */
  boolean hurry(Part part) {
    return update(
            "update noetl.policy set due_at = now() where part = ? and source is not null",
            part.word())
        == 1;
  }

  /**
   * Takes a compilation upon itself.
   *
   * @return false when another server has, or it is not due any more
   */
  boolean begin(PolicyRow row, long executionId, @Nullable Integer compiler) {
    return update(
            """
            update noetl.policy
               set execution_id = ?, begun_at = now(), tried_source = source_version,
                   tried_compiler = ?
             where part = ? and execution_id is null and source_version = ? and due_at = ?
               and source is not null
            """,
            executionId,
            compiler,
            row.part().word(),
            row.sourceVersion(),
            row.dueAt().atOffset(ZoneOffset.UTC))
        == 1;
  }

  /** The compilation came to a document, perhaps to the one that there is. */
  boolean succeeded(Part part, long executionId, String document, Duration next) {
    return update(
            """
            update noetl.policy
               set version = version + case when document is not distinct from ? then 0 else 1 end,
                   compiled_at =
                     case when document is not distinct from ? then compiled_at else now() end,
                   document = ?, of_source = tried_source, of_compiler = tried_compiler,
                   confirmed_at = now(), error = null, failed_at = null, execution_id = null,
                   begun_at = null, due_at = now() + ? * interval '1 millisecond'
             where part = ? and execution_id = ?
            """,
            document,
            document,
            document,
            next.toMillis(),
            part.word(),
            executionId)
        == 1;
  }

  /** The compilation came to nothing. */
  boolean failed(Part part, long executionId, String error, Duration next) {
    return update(
            """
            update noetl.policy
               set error = ?, failed_at = now(), execution_id = null, begun_at = null,
                   due_at = now() + ? * interval '1 millisecond'
             where part = ? and execution_id = ?
            """,
            error,
            next.toMillis(),
            part.word(),
            executionId)
        == 1;
  }

  private int update(String sql, @Nullable Object... values) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
              statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
          }
        });
  }
}
