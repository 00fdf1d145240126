package io.noetl.schedule;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of schedules. Safe for use by many threads; times are the database's. */
final class ScheduleStore {
  private static final String COLUMNS =
      """
      s.tenant_id, s.path, s.catalog_id, s.version, c.content, s.enabled, s.done_until, s.next_at,
      s.error, now()
      """;

  private final Database database;

  ScheduleStore(Database database) {
    this.database = database;
  }

  /** Documents whose newest version has no row yet: new schedules, and new versions. */
  List<ScheduleRow> changed() {
    return rows(
        Pool.BACKGROUND,
        """
        select n.tenant_id, n.path, n.catalog_id, n.version, n.content, true, now(),
               null::timestamptz, null::text, now()
          from (select distinct on (tenant_id, path) tenant_id, path, catalog_id, version, content
                  from noetl.catalog where kind = 'Schedule' and archived_at is null
                 order by tenant_id, path, version desc) n
          left join noetl.schedule s on s.tenant_id = n.tenant_id and s.path = n.path
         where s.catalog_id is distinct from n.catalog_id
        """);
  }

  /** Makes the row of a version; what an earlier version missed is not made up for. */
  void adopt(ScheduleRow row, boolean enabled, @Nullable Instant next, @Nullable String error) {
    execute(
        """
        insert into noetl.schedule as s (tenant_id, path, catalog_id, version, enabled, done_until,
            next_at, due_at, error)
        values (?, ?, ?, ?, ?, ?, ?, coalesce(?, 'infinity'::timestamptz), ?)
        on conflict (tenant_id, path) do update
           set catalog_id = excluded.catalog_id, version = excluded.version,
               enabled = excluded.enabled,
               done_until = greatest(s.done_until, excluded.done_until),
               next_at = excluded.next_at, due_at = excluded.due_at, error = excluded.error
         where s.catalog_id <> excluded.catalog_id
        """,
        row.tenantId(),
        row.path(),
        row.catalogId(),
        row.version(),
        enabled,
        row.done(),
        next,
        next,
        error);
  }

  /** Removes rows of schedules that have no version in use any more. */
  void drop() {
    execute(
        """
        delete from noetl.schedule s
         where not exists (select 1 from noetl.catalog c
                            where c.tenant_id = s.tenant_id and c.path = s.path
                              and c.kind = 'Schedule' and c.archived_at is null)
        """);
  }

  /**
   * @param schedules that are due
   * @param next how long until the next will be; null = not within the time that was looked at
   */
  record Due(List<ScheduleRow> schedules, @Nullable Duration next) {}

  /**
   * Schedules that are due; other servers leave them alone for a while.
   *
   * @param ahead how far to look for the next
   */
  Due due(int most, Duration retry, Duration ahead) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              prepared(
                  connection,
                  """
                  with taken as (
                    update noetl.schedule s set due_at = now() + ? * interval '1 millisecond'
                      from noetl.catalog c
                     where c.catalog_id = s.catalog_id
                       and (s.tenant_id, s.path) in (
                         select tenant_id, path from noetl.schedule where due_at <= now()
                          order by due_at limit ? for update skip locked)
                    returning
                  """
                      + COLUMNS
                      + """
                      as read_at),
                      next as (
                        select ceil(extract(epoch from min(due_at) - now()) * 1000000)::bigint
                                 as micros
                          from noetl.schedule
                         where due_at > now()
                           and due_at <= now() + ? * interval '1 millisecond')
                      select t.*, n.micros from next n left join taken t on true
                      """,
                  retry.toMillis(),
                  most,
                  ahead.toMillis())) {
            List<ScheduleRow> due = new ArrayList<>();
            Duration next = null;
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                Long micros = rows.getObject(11, Long.class);
                next = micros == null ? null : Duration.of(micros, ChronoUnit.MICROS);
                if (rows.getString(1) != null) {
                  due.add(row(rows));
                }
              }
            }
            return new Due(due, next);
          }
        });
  }

  /** A round is over: all times up to {@code done} were dealt with. */
  void advance(ScheduleRow row, Instant done, @Nullable Instant next, @Nullable Duration again) {
    execute(
        """
        update noetl.schedule
           set done_until = ?, next_at = ?,
               due_at = least(coalesce(?, 'infinity'::timestamptz),
                              now() + ? * interval '1 millisecond')
         where tenant_id = ? and path = ? and catalog_id = ? and enabled and done_until <= ?
        """,
        done,
        next,
        next,
        // Nothing waits: as far away as it takes for the next time to be sooner.
        again == null ? Duration.ofDays(3_650).toMillis() : again.toMillis(),
        row.tenantId(),
        row.path(),
        row.catalogId(),
        done);
  }

  /** A round of a disabled schedule is over. */
  void rest(ScheduleRow row, @Nullable Duration again) {
    execute(
        """
        update noetl.schedule
           set due_at = coalesce(now() + ?::bigint * interval '1 millisecond', 'infinity')
         where tenant_id = ? and path = ? and catalog_id = ? and not enabled
        """,
        again == null ? null : (Long) again.toMillis(),
        row.tenantId(),
        row.path(),
        row.catalogId());
  }

  /** Somebody must look at it soon, whatever its next time. */
  void touch(String tenantId, String path, Duration soon) {
    execute(
        """
        update noetl.schedule
           set due_at = least(due_at, now() + ? * interval '1 millisecond')
         where tenant_id = ? and path = ?
        """,
        soon.toMillis(),
        tenantId,
        path);
  }

  /** Enables or disables; what would have fired in between is not made up for. */
  void enable(ScheduleRow row, boolean enabled, @Nullable Instant next) {
    execute(
        """
        update noetl.schedule
           set enabled = ?, done_until = greatest(done_until, ?), next_at = ?,
               due_at = coalesce(?, 'infinity'::timestamptz)
         where tenant_id = ? and path = ? and catalog_id = ? and enabled <> ?
        """,
        enabled,
        row.now(),
        next,
        next,
        row.tenantId(),
        row.path(),
        row.catalogId(),
        enabled);
  }

  /**
   * Writes down a fire time, or finds what became of it.
   *
   * @param executionId for it when it is new
   */
  Fire claim(String tenantId, String path, Instant fireAt, long executionId, boolean backfill) {
    execute(
        """
        insert into noetl.schedule_fire (tenant_id, path, fire_at, execution_id, state, backfill)
        values (?, ?, ?, ?, 'CLAIMED', ?) on conflict do nothing
        """,
        tenantId,
        path,
        fireAt,
        executionId,
        backfill);
    return fires("and fire_at = ?", tenantId, path, fireAt).getFirst();
  }

  /** Fire times that are not done, the oldest first. */
  List<Fire> open(String tenantId, String path) {
    return fires("and state in ('CLAIMED', 'QUEUED') order by fire_at", tenantId, path);
  }

  /** The newest fire times first. */
  List<Fire> newest(String tenantId, String path, int limit) {
    return fires("order by fire_at desc limit ?", tenantId, path, limit);
  }

  void settle(Fire fire, Fire.State state, @Nullable String reason, long executionId) {
    execute(
        """
        update noetl.schedule_fire set state = ?, reason = ?, execution_id = ?
         where tenant_id = ? and path = ? and fire_at = ? and state in ('CLAIMED', 'QUEUED')
        """,
        state.name(),
        reason,
        executionId,
        fire.tenantId(),
        fire.path(),
        fire.fireAt());
  }

  /** Executions that the schedule has started and that have not ended. */
  List<Long> running(String tenantId, String path) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              prepared(
                  connection,
                  """
                  select f.execution_id from noetl.schedule_fire f
                    join noetl.execution e on e.execution_id = f.execution_id
                   where f.tenant_id = ? and f.path = ? and f.state = 'STARTED'
                     and e.ended_at is null
                   order by f.fire_at
                  """,
                  tenantId,
                  path)) {
            List<Long> ids = new ArrayList<>();
            try (ResultSet found = statement.executeQuery()) {
              while (found.next()) {
                ids.add(found.getLong(1));
              }
            }
            return ids;
          }
        });
  }

  /** Forgets all but the newest fire times that are done and whose executions have ended. */
  void prune(String tenantId, String path, int keep) {
    execute(
        """
        delete from noetl.schedule_fire f
         where f.tenant_id = ? and f.path = ? and f.state not in ('CLAIMED', 'QUEUED')
           and f.fire_at < (select min(fire_at) from (
                 select fire_at from noetl.schedule_fire
                  where tenant_id = ? and path = ? order by fire_at desc limit ?) newest)
           and not exists (select 1 from noetl.execution e
                            where e.execution_id = f.execution_id and e.ended_at is null)
        """,
        tenantId,
        path,
        tenantId,
        path,
        keep);
  }

  /** Schedules of a tenant by path. */
  List<ScheduleRow> list(String tenantId, int limit, int offset) {
    return rows(
        Pool.READ,
        "select "
            + COLUMNS
            + """
             from noetl.schedule s join noetl.catalog c on c.catalog_id = s.catalog_id
             where s.tenant_id = ? order by s.path limit ? offset ?
            """,
        tenantId,
        limit,
        offset);
  }

  Optional<ScheduleRow> find(String tenantId, String path) {
    return rows(
            Pool.READ,
            "select "
                + COLUMNS
                + """
                 from noetl.schedule s join noetl.catalog c on c.catalog_id = s.catalog_id
                 where s.tenant_id = ? and s.path = ?
                """,
            tenantId,
            path)
        .stream()
        .findFirst();
  }

  private List<ScheduleRow> rows(Pool pool, String sql, @Nullable Object... parameters) {
    return database.autocommit(
        pool,
        connection -> {
          try (PreparedStatement statement = prepared(connection, sql, parameters)) {
            List<ScheduleRow> rows = new ArrayList<>();
            try (ResultSet found = statement.executeQuery()) {
              while (found.next()) {
                rows.add(row(found));
              }
            }
            return rows;
          }
        });
  }

  private static ScheduleRow row(ResultSet found) throws SQLException {
    OffsetDateTime next = found.getObject(8, OffsetDateTime.class);
    return new ScheduleRow(
        found.getString(1),
        found.getString(2),
        found.getLong(3),
        found.getInt(4),
        found.getString(5),
        found.getBoolean(6),
        found.getObject(7, OffsetDateTime.class).toInstant(),
        next == null ? null : next.toInstant(),
        found.getString(9),
        found.getObject(10, OffsetDateTime.class).toInstant());
  }

  private List<Fire> fires(String rest, @Nullable Object... parameters) {
    return database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement =
              prepared(
                  connection,
                  """
                  select tenant_id, path, fire_at, execution_id, state, reason, backfill
                    from noetl.schedule_fire where tenant_id = ? and path = ?
                  """
                      + rest,
                  parameters)) {
            List<Fire> fires = new ArrayList<>();
            try (ResultSet found = statement.executeQuery()) {
              while (found.next()) {
                fires.add(
                    new Fire(
                        found.getString(1),
                        found.getString(2),
                        found.getObject(3, OffsetDateTime.class).toInstant(),
                        found.getLong(4),
                        Fire.State.valueOf(found.getString(5)),
                        found.getString(6),
                        found.getBoolean(7)));
              }
            }
            return fires;
          }
        });
  }

  private void execute(String sql, @Nullable Object... parameters) {
    database.autocommit(
        Pool.BACKGROUND,
        connection -> {
          try (PreparedStatement statement = prepared(connection, sql, parameters)) {
            return statement.executeUpdate();
          }
        });
  }

  private static PreparedStatement prepared(
      Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      Object value = parameters[i];
      switch (value) {
        case null -> statement.setObject(i + 1, null);
        case Instant time -> statement.setObject(i + 1, time.atOffset(ZoneOffset.UTC));
        default -> statement.setObject(i + 1, value);
      }
    }
    return statement;
  }
}
