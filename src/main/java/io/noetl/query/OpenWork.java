package io.noetl.query;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Work of one execution that has not ended, as the tables say. Safe for use by many threads. */
public final class OpenWork {
  /** Most rows of each kind that are told. */
  public static final int MAX_ROWS = 1_000;

  private final Database database;

  public OpenWork(Database database) {
    this.database = database;
  }

  /**
   * A command in the queue.
   *
   * @param since when it was issued, or claimed when a worker has it
   * @param parked whether its work goes on outside, and it waits to hear of its end
   */
  public record Command(
      long commandId,
      String step,
      @Nullable Integer iteration,
      String pool,
      String status,
      int attempt,
      int maxAttempts,
      @Nullable String workerId,
      @Nullable Instant leaseUntil,
      @Nullable String reason,
      Instant since,
      boolean parked) {}

  /** Commands of one execution, dead ones too, the oldest first. */
  public List<Command> commands(long executionId) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select command_id, step, iteration, pool, status, attempt, max_attempts,
                         worker_id, lease_until, reason,
                         case when status = 'CLAIMED' then coalesce(claimed_at, created_at)
                              else created_at end,
                         parked is not null
                    from noetl.command where execution_id = ? order by command_id limit ?
                  """)) {
            statement.setLong(1, executionId);
            statement.setInt(2, MAX_ROWS);
            List<Command> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                OffsetDateTime lease = rows.getObject(9, OffsetDateTime.class);
                found.add(
                    new Command(
                        rows.getLong(1),
                        rows.getString(2),
                        rows.getObject(3, Integer.class),
                        rows.getString(4),
                        rows.getString(5),
                        rows.getInt(6),
                        rows.getInt(7),
                        rows.getString(8),
                        lease == null ? null : lease.toInstant(),
                        rows.getString(10),
                        rows.getObject(11, OffsetDateTime.class).toInstant(),
                        rows.getBoolean(12)));
              }
            }
            return found;
          }
        });
  }

  /**
   * A wait without a worker.
   *
   * @param state where it is: its child must be started, runs, or has something to tell
   * @param childExecutionId what it waits for
   * @param until when it ends by itself; null = never
   */
  public record Wait(
      long waitId,
      String state,
      @Nullable String step,
      @Nullable Long childExecutionId,
      @Nullable Instant until,
      Instant since) {}

  /** Waits of one execution, the oldest first. */
  public List<Wait> waits(long executionId) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select wait_id, state, step, child_execution_id,
                         nullif(expires_at, 'infinity'), created_at
                    from noetl.wait where execution_id = ? and kind = 'child'
                   order by wait_id limit ?
                  """)) {
            statement.setLong(1, executionId);
            statement.setInt(2, MAX_ROWS);
            List<Wait> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                OffsetDateTime until = rows.getObject(5, OffsetDateTime.class);
                found.add(
                    new Wait(
                        rows.getLong(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getObject(4, Long.class),
                        until == null ? null : until.toInstant(),
                        rows.getObject(6, OffsetDateTime.class).toInstant()));
              }
            }
            return found;
          }
        });
  }

  /** A child that has not ended. */
  public record Child(long executionId, String path, Instant since) {}

  /** Children of one execution that have not ended, the oldest first. */
  public List<Child> children(String tenantId, long executionId) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select execution_id, path, started_at from noetl.execution
                   where tenant_id = ? and parent_execution_id = ? and ended_at is null
                   order by execution_id limit ?
                  """)) {
            statement.setString(1, tenantId);
            statement.setLong(2, executionId);
            statement.setInt(3, MAX_ROWS);
            List<Child> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(
                    new Child(
                        rows.getLong(1),
                        rows.getString(2),
                        rows.getObject(3, OffsetDateTime.class).toInstant()));
              }
            }
            return found;
          }
        });
  }
}
