package io.noetl.query;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Snowflake;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import io.noetl.support.Gathered;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Executions by their row. Safe for use by many threads. */
public final class Executions {
  private static final String COLUMNS =
      """
      select execution_id, tenant_id, catalog_id, path, version, status, seq, parent_execution_id,
             current_step, steps_total, steps_done, steps_failed, steps_running, error, result,
             started_at, updated_at, ended_at
        from noetl.execution
      """;

  /** Rows in one statement of {@link #find}. */
  private static final int MOST_FOUND = 200;

  private final Database database;
  private final Gathered<Long, ExecutionRow> rows;

  public Executions(Database database) {
    this.database = database;
    this.rows = new Gathered<>(MOST_FOUND, this::rows);
  }

  /** Looks up, in one statement with others who look up at the same time. */
  public Optional<ExecutionRow> find(String tenantId, long executionId) {
    return Optional.ofNullable(rows.get(executionId))
        .filter(row -> row.tenantId().equals(tenantId));
  }

  private Map<Long, ExecutionRow> rows(Set<Long> executionIds) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(COLUMNS + " where execution_id = any(?)")) {
            statement.setArray(1, bigints(connection, executionIds));
            Map<Long, ExecutionRow> found = new HashMap<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                ExecutionRow row = row(rows);
                found.put(row.executionId(), row);
              }
            }
            return found;
          }
        });
  }

  public List<ExecutionRow> list(String tenantId, ExecutionFilter filter) {
    StringBuilder sql = new StringBuilder(COLUMNS).append(" where tenant_id = ?");
    List<Object> values = new ArrayList<>();
    values.add(tenantId);
    and(sql, values, "catalog_id = ?", filter.catalogId());
    and(sql, values, "path = ?", filter.path());
    ExecutionStatus status = filter.status();
    and(sql, values, "status = ?", status == null ? null : status.name());
    and(sql, values, "parent_execution_id = ?", filter.parentExecutionId());
    // Ids begin with the time of the start, so a range of time is a range of the key.
    and(sql, values, "execution_id >= ?", bound(filter.since()));
    and(sql, values, "execution_id < ?", bound(filter.until()));
    and(sql, values, "execution_id < ?", filter.before());
    sql.append(" order by execution_id desc limit ? offset ?");
    values.add(filter.limit());
    values.add(filter.offset());
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < values.size(); i++) {
              statement.setObject(i + 1, values.get(i));
            }
            List<ExecutionRow> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(row(rows));
              }
            }
            return found;
          }
        });
  }

  private static @Nullable Long bound(@Nullable Instant instant) {
    return instant == null ? null : (Long) Snowflake.lowerBound(instant);
  }

  private static void and(
      StringBuilder sql, List<Object> values, String condition, @Nullable Object value) {
    if (value != null) {
      sql.append(" and ").append(condition);
      values.add(value);
    }
  }

  /** Executions that this one has started, the newest first. */
  public List<ExecutionRow> children(String tenantId, long executionId, int most) {
    return list(
        tenantId, new ExecutionFilter(null, null, null, executionId, null, null, null, most, 0));
  }

  /** Children that have not ended, the oldest first. */
  public List<Long> liveChildren(String tenantId, long executionId) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select execution_id from noetl.execution
                   where tenant_id = ? and parent_execution_id = ? and ended_at is null
                   order by execution_id
                  """)) {
            statement.setString(1, tenantId);
            statement.setLong(2, executionId);
            List<Long> children = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                children.add(rows.getLong(1));
              }
            }
            return children;
          }
        });
  }

  /**
   * Executions that run since before a moment, and all below them that run, the oldest first.
   *
   * @param limit most executions
   */
  public List<Long> runningSince(String tenantId, Instant before, int limit) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  with recursive old as (
                    select execution_id from noetl.execution
                     where tenant_id = ? and ended_at is null and started_at < ?
                    union
                    select e.execution_id from old
                      join noetl.execution e on e.parent_execution_id = old.execution_id
                     where e.ended_at is null)
                  select execution_id from old order by execution_id limit ?
                  """)) {
            statement.setString(1, tenantId);
            statement.setObject(2, before.atOffset(java.time.ZoneOffset.UTC));
            statement.setInt(3, limit);
            List<Long> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(rows.getLong(1));
              }
            }
            return found;
          }
        });
  }

  /** How many executions there are by status; a status without any is missing. */
  public Map<ExecutionStatus, Long> counts(String tenantId) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "select status, count(*) from noetl.execution where tenant_id = ? group by 1")) {
            statement.setString(1, tenantId);
            Map<ExecutionStatus, Long> counts = new EnumMap<>(ExecutionStatus.class);
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                counts.put(ExecutionStatus.valueOf(rows.getString(1)), rows.getLong(2));
              }
            }
            return counts;
          }
        });
  }

  /** The tenant of an execution, whoever asks: for deciding whether the asker may know it. */
  public Optional<String> tenantOf(long executionId) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "select tenant_id from noetl.execution where execution_id = ?")) {
            statement.setLong(1, executionId);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
          }
        });
  }

  /**
   * How far an execution has come.
   *
   * @param seq position of its last event
   */
  public record Head(int seq, ExecutionStatus status) {}

  /** Where many executions are now, in one statement; those that are not there are missing. */
  public Map<Long, Head> heads(Collection<Long> executionIds) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select execution_id, seq, status from noetl.execution
                   where execution_id = any(?)
                  """)) {
            statement.setArray(1, bigints(connection, executionIds));
            Map<Long, Head> heads = new HashMap<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                heads.put(
                    rows.getLong(1),
                    new Head(rows.getInt(2), ExecutionStatus.valueOf(rows.getString(3))));
              }
            }
            return heads;
          }
        });
  }

  private static Array bigints(Connection connection, Collection<Long> values) throws SQLException {
    return connection.createArrayOf("int8", values.toArray());
  }

  private static ExecutionRow row(ResultSet rows) throws SQLException {
    OffsetDateTime ended = rows.getObject(18, OffsetDateTime.class);
    long parent = rows.getLong(8);
    Long parentOrNull = rows.wasNull() ? null : (Long) parent;
    return new ExecutionRow(
        rows.getLong(1),
        rows.getString(2),
        rows.getLong(3),
        rows.getString(4),
        rows.getInt(5),
        ExecutionStatus.valueOf(rows.getString(6)),
        rows.getInt(7),
        parentOrNull,
        rows.getString(9),
        rows.getInt(10),
        rows.getInt(11),
        rows.getInt(12),
        rows.getInt(13),
        rows.getString(14),
        rows.getString(15),
        rows.getObject(16, OffsetDateTime.class).toInstant(),
        rows.getObject(17, OffsetDateTime.class).toInstant(),
        ended == null ? null : ended.toInstant());
  }
}
