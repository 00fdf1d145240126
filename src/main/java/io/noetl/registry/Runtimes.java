package io.noetl.registry;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Components in the database. Time is the database's. Safe for use by many threads; throws {@link
 * io.noetl.postgres.DatabaseException} when the database fails.
 */
public final class Runtimes {
  private static final String COLUMNS =
      """
       runtime_id, name, kind, pool, uri,
       case when heartbeat < now() - ? * interval '1 millisecond' then 'offline' else status end,
       labels, capabilities, capacity, runtime, hostname, pid, heartbeat, created_at, updated_at
      """;

  private final Database database;
  private final KnownPools settings;
  private final LongSupplier ids;

  public Runtimes(Database database, KnownPools settings, LongSupplier ids) {
    this.database = database;
    this.settings = settings;
    this.ids = ids;
  }

  public KnownPools settings() {
    return settings;
  }

  /**
   * Stores what the component says about itself; one of the same kind and name is replaced and
   * keeps its id. The caller has checked that the pool is known.
   */
  public RuntimeRecord register(String tenantId, RuntimeSpec spec) {
    return database.autocommit(
        Pool.APPEND,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  insert into noetl.runtime (runtime_id, tenant_id, name, kind, pool, uri, status,
                      labels, capabilities, capacity, runtime, hostname, pid, heartbeat, created_at,
                      updated_at)
                  values (?, ?, ?, ?, ?, ?, ?, ?::json, ?::json, ?, ?::json, ?, ?, now(), now(),
                      now())
                  on conflict (tenant_id, kind, name) do update
                     set pool = excluded.pool, uri = excluded.uri, status = excluded.status,
                         labels = excluded.labels, capabilities = excluded.capabilities,
                         capacity = excluded.capacity, runtime = excluded.runtime,
                         hostname = excluded.hostname, pid = excluded.pid,
                         heartbeat = now(), updated_at = now()
                  returning
                  """
                      + COLUMNS)) {
            statement.setLong(1, ids.getAsLong());
            statement.setString(2, tenantId);
            statement.setString(3, spec.name());
            statement.setString(4, spec.kind());
            statement.setString(5, spec.pool());
            statement.setString(6, spec.uri());
            statement.setString(7, spec.status());
            statement.setString(8, spec.labelsJson());
            statement.setString(9, spec.capabilitiesJson());
            statement.setObject(10, spec.capacity(), java.sql.Types.INTEGER);
            statement.setString(11, spec.runtimeJson());
            statement.setString(12, spec.hostname());
            statement.setObject(13, spec.pid(), java.sql.Types.BIGINT);
            statement.setLong(14, settings.offlineAfter().toMillis());
            try (ResultSet rows = statement.executeQuery()) {
              rows.next();
              return record(rows);
            }
          }
        });
  }

  /**
   * The component lives.
   *
   * @return false when it is not registered
   */
  public boolean heartbeat(String tenantId, String kind, String name) {
    return changed(
        "update noetl.runtime set heartbeat = now() where tenant_id = ? and kind = ? and name = ?",
        tenantId,
        kind,
        name);
  }

  /**
   * Takes a component out.
   *
   * @return false when it was not registered
   */
  public boolean deregister(String tenantId, String kind, String name) {
    return changed(
        "delete from noetl.runtime where tenant_id = ? and kind = ? and name = ?",
        tenantId,
        kind,
        name);
  }

  /** Components by kind and name; null means all. */
  public List<RuntimeRecord> list(
      String tenantId, @Nullable String kind, @Nullable String name, @Nullable String status) {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "select "
                      + COLUMNS
                      + """
                        from noetl.runtime
                       where tenant_id = ? and (?::text is null or kind = ?)
                         and (?::text is null or name = ?)
                       order by kind, name
                      """)) {
            statement.setLong(1, settings.offlineAfter().toMillis());
            statement.setString(2, tenantId);
            statement.setString(3, kind);
            statement.setString(4, kind);
            statement.setString(5, name);
            statement.setString(6, name);
            List<RuntimeRecord> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                RuntimeRecord record = record(rows);
                if (status == null || status.equals(record.status())) {
                  found.add(record);
                }
              }
            }
            return found;
          }
        });
  }

  /** How many components of a kind live. */
  public int live(String tenantId, String kind) {
    return (int)
        list(tenantId, kind, null, null).stream()
            .filter(record -> !record.status().equals(RuntimeRecord.OFFLINE))
            .count();
  }

  private boolean changed(String sql, String tenantId, String kind, String name) {
    return database.autocommit(
        Pool.APPEND,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, tenantId);
            statement.setString(2, kind);
            statement.setString(3, name);
            return statement.executeUpdate() > 0;
          }
        });
  }

  private static RuntimeRecord record(ResultSet rows) throws SQLException {
    return new RuntimeRecord(
        rows.getLong(1),
        rows.getString(2),
        rows.getString(3),
        rows.getString(4),
        rows.getString(5),
        rows.getString(6),
        rows.getString(7),
        rows.getString(8),
        rows.getObject(9, Integer.class),
        rows.getString(10),
        rows.getString(11),
        rows.getObject(12, Long.class),
        instant(rows, 13),
        instant(rows, 14),
        instant(rows, 15));
  }

  private static java.time.Instant instant(ResultSet rows, int column) throws SQLException {
    return rows.getObject(column, OffsetDateTime.class).toInstant();
  }
}
