package io.noetl.query;

import io.noetl.command.CommandQueue.CommandRow;
import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists of commands that are open or dead. Safe for use by many threads. */
public final class CommandPages {
  private final Database database;

  public CommandPages(Database database) {
    this.database = database;
  }

  /**
   * Which commands; null means all.
   *
   * @param dead true = those whose attempts are used up, false = the others
   * @param before only older ones than this command: the cursor
   */
  public record Filter(
      @Nullable String status,
      @Nullable Boolean dead,
      @Nullable String pool,
      @Nullable Long executionId,
      @Nullable Long before,
      int limit) {}

  /** The newest first, without their contexts. */
  public List<CommandRow> list(String tenantId, Filter filter) {
    StringBuilder sql =
        new StringBuilder(
            """
            select command_id, execution_id, tenant_id, step, visit, iteration, tool_kind, pool,
                   status, attempt, fence, worker_id, lease_until, reason, parked
              from noetl.command
             where tenant_id = ?
            """);
    List<Object> values = new ArrayList<>();
    values.add(tenantId);
    if (filter.status() != null) {
      // A dead command is shown as FAILED.
      sql.append(" and status = ?");
      values.add(filter.status().equals("FAILED") ? "DEAD" : filter.status());
    }
    if (filter.dead() != null) {
      sql.append(filter.dead() ? " and status = 'DEAD'" : " and status <> 'DEAD'");
    }
    if (filter.pool() != null) {
      sql.append(" and pool = ?");
      values.add(filter.pool());
    }
    if (filter.executionId() != null) {
      sql.append(" and execution_id = ?");
      values.add(filter.executionId());
    }
    if (filter.before() != null) {
      sql.append(" and command_id < ?");
      values.add(filter.before());
    }
    sql.append(" order by command_id desc limit ?");
    values.add(filter.limit());
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < values.size(); i++) {
              statement.setObject(i + 1, values.get(i));
            }
            List<CommandRow> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.add(row(rows));
              }
            }
            return found;
          }
        });
  }

  private static CommandRow row(ResultSet rows) throws SQLException {
    OffsetDateTime lease = rows.getObject(13, OffsetDateTime.class);
    return new CommandRow(
        rows.getLong(1),
        rows.getLong(2),
        rows.getString(3),
        rows.getString(4),
        rows.getInt(5),
        rows.getObject(6, Integer.class),
        rows.getString(7),
        rows.getString(8),
        rows.getString(9),
        rows.getInt(10),
        rows.getLong(11),
        rows.getString(12),
        lease == null ? null : lease.toInstant(),
        rows.getString(14),
        "{}",
        rows.getString(15));
  }
}
