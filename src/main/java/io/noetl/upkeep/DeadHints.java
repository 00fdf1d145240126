package io.noetl.upkeep;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hints that no worker could handle: they could not be read, or named a command that never was. The
 * newest are kept. Safe for use by many threads.
 */
public final class DeadHints {
  /** Hints of a tenant that are kept; the oldest go first. */
  public static final int KEPT = 10_000;

  /** Longest content that is kept, in characters. */
  public static final int MAX_BODY = 4_096;

  /** Longest reason and names, in characters. */
  public static final int MAX_TEXT = 1_024;

  private final Database database;

  public DeadHints(Database database) {
    this.database = database;
  }

  /**
   * One hint.
   *
   * @param hintId orders them by time
   * @param body what it said; cut when it is too long
   * @param commandId that it named, if it did
   * @param executionId likewise
   * @param workerId who could not handle it
   */
  public record DeadHint(
      long hintId,
      String pool,
      String subject,
      String body,
      @Nullable Long commandId,
      @Nullable Long executionId,
      String workerId,
      String reason,
      Instant since) {}

  /** Keeps one; its time is the database's. */
  public void add(String tenantId, DeadHint hint) {
    database.transaction(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  insert into noetl.dead_hint (hint_id, tenant_id, pool, subject, body, command_id,
                      execution_id, worker_id, reason)
                  values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                  """)) {
            statement.setLong(1, hint.hintId());
            statement.setString(2, tenantId);
            statement.setString(3, hint.pool());
            statement.setString(4, hint.subject());
            statement.setString(5, hint.body());
            statement.setObject(6, hint.commandId(), java.sql.Types.BIGINT);
            statement.setObject(7, hint.executionId(), java.sql.Types.BIGINT);
            statement.setString(8, hint.workerId());
            statement.setString(9, hint.reason());
            statement.executeUpdate();
          }
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  delete from noetl.dead_hint where hint_id in (
                    select hint_id from noetl.dead_hint where tenant_id = ?
                     order by hint_id desc offset ?)
                  """)) {
            statement.setString(1, tenantId);
            statement.setInt(2, KEPT);
            return statement.executeUpdate();
          }
        });
  }

  /**
   * The newest first.
   *
   * @param pool null = of all
   * @param executionId null = of all
   * @param before only older ones than this: the cursor
   */
  public List<DeadHint> list(
      String tenantId,
      @Nullable String pool,
      @Nullable Long executionId,
      @Nullable Long before,
      int limit) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select hint_id, pool, subject, body, command_id, execution_id, worker_id, reason,
                         created_at
                    from noetl.dead_hint
                   where tenant_id = ? and pool = coalesce(?, pool)
                     and (?::bigint is null or execution_id = ?)
                     and hint_id < ?
                   order by hint_id desc limit ?
                  """)) {
            statement.setString(1, tenantId);
            statement.setString(2, pool);
            statement.setObject(3, executionId, java.sql.Types.BIGINT);
            statement.setObject(4, executionId, java.sql.Types.BIGINT);
            statement.setLong(5, before == null ? Long.MAX_VALUE : before);
            statement.setInt(6, limit);
            List<DeadHint> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(
                    new DeadHint(
                        rows.getLong(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getString(4),
                        rows.getObject(5, Long.class),
                        rows.getObject(6, Long.class),
                        rows.getString(7),
                        rows.getString(8),
                        rows.getObject(9, OffsetDateTime.class).toInstant()));
              }
            }
            return found;
          }
        });
  }
}
