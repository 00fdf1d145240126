package io.noetl.journal;

import io.noetl.execution.ExecutionState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Makes the rows of executions again from their events, while the system runs. Each row is locked,
 * compared with the fold of its log and, where it differs, replaced in one transaction: a decision
 * that comes at the same moment waits, and then finds a row that is right. Safe for many threads.
 */
public final class RowRebuild {
  private final DataSource database;

  public RowRebuild(DataSource database) {
    this.database = database;
  }

  /**
   * What became of one row.
   *
   * @param differences by column: what was stored and what the events say; empty when it was right
   * @param fault why it could not be folded, or null
   */
  public record Row(
      long executionId, Map<String, @Nullable Object> differences, @Nullable String fault) {}

  /**
   * Ids of executions after one whose events are in the log, in their order.
   *
   * @throws JournalUnavailableException when the database fails
   */
  public List<Long> page(String tenantId, long after, int limit) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select execution_id from noetl.execution
                 where tenant_id = ? and execution_id > ? and archived_at is null
                 order by execution_id limit ?
                """)) {
      statement.setString(1, tenantId);
      statement.setLong(2, after);
      statement.setInt(3, limit);
      List<Long> ids = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getLong(1));
        }
      }
      return ids;
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  /**
   * Compares one row and, unless only looking, puts it right.
   *
   * @return null when the tenant has no such execution
   * @throws JournalUnavailableException when the database fails; nothing is changed then
   */
  public @Nullable Row rebuild(String tenantId, long executionId, boolean onlyLook) {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        Row row = rebuild(connection, tenantId, executionId, onlyLook);
        connection.commit();
        return row;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  /**
   * Removes rows of commands and waits that the events of their execution do not know as open, and
   * dead rows of commands that they do: such a row is in the way of the one that has to come.
   *
   * @return how many
   * @throws JournalUnavailableException when the database fails; nothing is changed then
   */
  public int removeStrangers(String tenantId, long executionId) {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        int removed = 0;
        // Whoever decides waits meanwhile, so what the log says stays true until the commit.
        if (stored(connection, tenantId, executionId, true) != null) {
          ExecutionState state =
              ExecutionState.replay(executionId, PostgresJournal.read(connection, executionId, 0));
          removed =
              remove(
                      connection,
                      """
                      delete from noetl.command where execution_id = ?
                         and (status <> 'DEAD') <> (command_id = any(?))
                      """,
                      executionId,
                      state.commands().keySet())
                  + remove(
                      connection,
                      """
                      delete from noetl.wait where execution_id = ? and kind <> 'cascade'
                         and wait_id <> all(?)
                      """,
                      executionId,
                      state.waits().keySet());
        }
        connection.commit();
        return removed;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw new JournalUnavailableException(e);
    }
  }

  private static int remove(
      Connection connection, String sql, long executionId, Collection<Long> open)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, executionId);
      statement.setArray(2, connection.createArrayOf("int8", open.toArray()));
      return statement.executeUpdate();
    }
  }

  private static @Nullable Row rebuild(
      Connection connection, String tenantId, long executionId, boolean onlyLook)
      throws SQLException {
    Map<String, @Nullable Object> stored = stored(connection, tenantId, executionId, !onlyLook);
    if (stored == null) {
      return null;
    }
    ExecutionState state;
    try {
      state = ExecutionState.replay(executionId, PostgresJournal.read(connection, executionId, 0));
    } catch (IllegalStateException | CorruptLogException e) {
      return new Row(executionId, Map.of(), String.valueOf(e.getMessage()));
    }
    if (state.started() == null) {
      return new Row(executionId, Map.of(), "it has no events");
    }
    Map<String, @Nullable Object> folded = RowColumns.of(state);
    Map<String, @Nullable Object> differences = new LinkedHashMap<>();
    folded.forEach(
        (column, value) -> {
          if (!Objects.equals(value, stored.get(column))) {
            Map<String, @Nullable Object> both = new LinkedHashMap<>();
            both.put("stored", stored.get(column));
            both.put("events", value);
            differences.put(column, both);
          }
        });
    if (!differences.isEmpty() && !onlyLook) {
      write(connection, executionId, folded);
    }
    return new Row(executionId, differences, null);
  }

  private static @Nullable Map<String, @Nullable Object> stored(
      Connection connection, String tenantId, long executionId, boolean lock) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select "
                + RowColumns.NAMES
                + " from noetl.execution where tenant_id = ? and execution_id = ?"
                + (lock ? " for update" : ""))) {
      statement.setString(1, tenantId);
      statement.setLong(2, executionId);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? RowColumns.read(rows, 1) : null;
      }
    }
  }

  private static void write(
      Connection connection, long executionId, Map<String, @Nullable Object> columns)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            update noetl.execution
               set status = ?, seq = ?, current_step = ?, steps_total = ?, steps_done = ?,
                   steps_failed = ?, steps_running = ?, error = ?, result = ?::json, ended_at = ?,
                   updated_at = now()
             where execution_id = ?
            """)) {
      int index = 0;
      for (Map.Entry<String, @Nullable Object> column : columns.entrySet()) {
        Object value = column.getValue();
        if (column.getKey().equals("ended_at") && value instanceof String text) {
          statement.setObject(++index, Instant.parse(text).atOffset(ZoneOffset.UTC));
        } else if (column.getKey().equals("ended_at")) {
          statement.setNull(++index, java.sql.Types.TIMESTAMP_WITH_TIMEZONE);
        } else {
          statement.setObject(++index, value);
        }
      }
      statement.setLong(++index, executionId);
      statement.executeUpdate();
    }
  }
}
