package io.noetl.command;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Commands whose work goes on outside, in the database. Safe for use by many threads; each call is
 * one statement.
 */
public final class ParkedCommands {
  private final DataSource database;

  ParkedCommands(DataSource database) {
    this.database = database;
  }

  /**
   * Puts a command aside whose work goes on outside: nobody holds it, and a hint follows when it is
   * due. Its attempts count anew, since this one did what it should.
   *
   * @param parkedJson what goes on
   * @return null when the worker does not hold it with this fence
   */
  public @Nullable Parked park(
      long commandId, String workerId, long fence, String parkedJson, Duration delay)
      throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                update noetl.command
                   set status = 'PENDING', worker_id = null, lease_until = null, attempt = 0,
                       parked = ?::json,
                       due_at = case when callback is null then now() + ? * interval '1 millisecond'
                                     else now() end
                 where command_id = ? and worker_id = ? and fence = ? and status = 'CLAIMED'
                returning callback
                """)) {
      statement.setString(1, parkedJson);
      statement.setLong(2, delay.toMillis());
      statement.setLong(3, commandId);
      statement.setString(4, workerId);
      statement.setLong(5, fence);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? new Parked(rows.getString(1)) : null;
      }
    }
  }

  /**
   * A command was put aside.
   *
   * @param callbackJson how its work ended, when that was told before; else null
   */
  public record Parked(@Nullable String callbackJson) {}

  /**
   * Keeps how the work of a command ended that no worker has put aside yet. The first word counts.
   *
   * @return false when it is not kept: the command is put aside, or another word was first
   */
  public boolean note(long commandId, String callbackJson) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                update noetl.command set callback = ?::json
                 where command_id = ? and parked is null and callback is null
                   and status <> 'DEAD'
                """)) {
      statement.setString(1, callbackJson);
      statement.setLong(2, commandId);
      return statement.executeUpdate() == 1;
    }
  }

  /** Somebody shall look now at what goes on outside for a command that was put aside. */
  public void wake(long commandId) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                update noetl.command set due_at = now()
                 where command_id = ? and parked is not null and status = 'PENDING'
                """)) {
      statement.setLong(1, commandId);
      statement.executeUpdate();
    }
  }

  /** A command that something outside was begun for. */
  public record Begun(long commandId, long executionId) {}

  /**
   * Which of these commands have ended: their execution is known, and they are open no more. One of
   * an execution that is not known here is not among them: it may be another installation's.
   */
  public List<Long> ended(String tenantId, List<Begun> begun) throws SQLException {
    List<Long> ended = new ArrayList<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select b.command_id from unnest(?::bigint[], ?::bigint[])
                         as b(command_id, execution_id)
                  join noetl.execution e
                    on e.execution_id = b.execution_id and e.tenant_id = ?
                 where not exists (select 1 from noetl.command c
                                    where c.command_id = b.command_id and c.status <> 'DEAD')
                """)) {
      statement.setArray(
          1,
          CommandQueue.array(
              connection, "int8", begun.stream().mapToLong(Begun::commandId).toArray()));
      statement.setArray(
          2,
          CommandQueue.array(
              connection, "int8", begun.stream().mapToLong(Begun::executionId).toArray()));
      statement.setString(3, tenantId);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          ended.add(rows.getLong(1));
        }
      }
    }
    return ended;
  }
}
