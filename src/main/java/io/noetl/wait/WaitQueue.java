package io.noetl.wait;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of waits. They are written, moved and deleted by the appends of executions; here they are
 * found. Safe for use by many threads.
 */
public final class WaitQueue {
  private final Database database;

  public WaitQueue(Database database) {
    this.database = database;
  }

  /**
   * @param waits that are due, the oldest first
   * @param next how long until the next will be; null = not within the time that was looked at
   */
  record Due(List<DueWait> waits, @Nullable Duration next) {}

  /**
   * Rows that are due. Each is looked at again after {@code retry}, so other servers leave it alone
   * until then.
   *
   * @param ahead how far to look for the next
   */
  Due due(int most, Duration retry, Duration ahead) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  with taken as (
                    update noetl.wait w set due_at = now() + ? * interval '1 millisecond'
                     where w.wait_id in (
                       select wait_id from noetl.wait where due_at <= now()
                        order by due_at limit ? for update skip locked)
                    returning wait_id, execution_id, tenant_id, state, child_execution_id, request,
                              expires_at <= now() as expired),
                  next as (
                    select ceil(extract(epoch from min(due_at) - now()) * 1000000)::bigint as micros
                      from noetl.wait
                     where due_at > now() and due_at <= now() + ? * interval '1 millisecond')
                  select t.wait_id, t.execution_id, t.tenant_id, t.state, t.child_execution_id,
                         t.request, t.expired, n.micros
                    from next n left join taken t on true
                  """)) {
            statement.setLong(1, retry.toMillis());
            statement.setInt(2, most);
            statement.setLong(3, ahead.toMillis());
            List<DueWait> due = new ArrayList<>();
            Duration next = null;
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                Long micros = rows.getObject(8, Long.class);
                next = micros == null ? null : Duration.of(micros, ChronoUnit.MICROS);
                String state = rows.getString(4);
                if (state != null) {
                  due.add(
                      new DueWait(
                          rows.getLong(1),
                          rows.getLong(2),
                          rows.getString(3),
                          DueWait.State.valueOf(state),
                          rows.getObject(5, Long.class),
                          rows.getString(6),
                          rows.getBoolean(7)));
                }
              }
            }
            return new Due(due, next);
          }
        });
  }

  /** Removes the row of a wait that its execution does not know as open. */
  boolean forget(long waitId) {
    return delete("delete from noetl.wait where wait_id = ?", waitId);
  }

  /** The children of the execution are cancelled. */
  void cascaded(long executionId) {
    delete("delete from noetl.wait where execution_id = ? and kind = 'cascade'", executionId);
  }

  private boolean delete(String sql, long id) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, id);
            return statement.executeUpdate() > 0;
          }
        });
  }

  /**
   * How deep a child of this execution is nested: 1 when the execution was started by nobody.
   *
   * @param most counting ends above it
   */
  int depthOfChild(long executionId, int most) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  with recursive up as (
                    select parent_execution_id, 1 as depth from noetl.execution
                     where execution_id = ?
                    union all
                    select e.parent_execution_id, up.depth + 1
                      from up join noetl.execution e on e.execution_id = up.parent_execution_id
                     where up.depth <= ?)
                  select coalesce(max(depth), 1) from up
                  """)) {
            statement.setLong(1, executionId);
            statement.setInt(2, most);
            try (ResultSet rows = statement.executeQuery()) {
              rows.next();
              return rows.getInt(1);
            }
          }
        });
  }

  /**
   * @param open all rows
   * @param overdueSeconds how late the oldest is that should have been acted upon; 0 = none
   */
  record Counts(long open, double overdueSeconds) {}

  Counts counts() {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
                  connection.prepareStatement(
                      """
                      select count(*),
                             coalesce(greatest(0, extract(epoch from now() - min(due_at)
                               filter (where due_at < 'infinity')))::float8, 0)
                        from noetl.wait
                      """);
              ResultSet rows = statement.executeQuery()) {
            rows.next();
            return new Counts(rows.getLong(1), rows.getDouble(2));
          }
        });
  }
}
