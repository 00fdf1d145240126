package io.noetl.query;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Figures of the outbox. Safe for use by many threads. */
public final class Outbox {
  /** Key of the lock that the active publisher holds; {@code publisher.Publisher} takes it. */
  public static final long PUBLISHER_LOCK = 0x6E6F65746C707562L;

  private final Database database;

  public Outbox(Database database) {
    this.database = database;
  }

  /**
   * What waits.
   *
   * @param oldestSeconds age of the oldest event that is not in the log yet; 0 when none waits
   */
  public record Pending(long events, double oldestSeconds) {}

  public Pending pending() {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
                  connection.prepareStatement(
                      """
                      select count(*),
                             coalesce(extract(epoch from now() - min(created_at)), 0)::float8
                        from noetl.event_outbox
                      """);
              ResultSet rows = statement.executeQuery()) {
            rows.next();
            return new Pending(rows.getLong(1), Math.max(0, rows.getDouble(2)));
          }
        });
  }

  /**
   * Who publishes.
   *
   * @param process name by which it is known to the database
   * @param address from which it is connected, or null for a local one
   */
  public record Leader(String process, @Nullable String address, Instant since) {}

  /** The active publisher, by the lock that it holds; null while there is none. */
  public @Nullable Leader publisher() {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select a.application_name, host(a.client_addr), a.backend_start
                    from pg_locks l join pg_stat_activity a using (pid)
                   where l.locktype = 'advisory' and l.granted and l.database = a.datid
                     and a.datname = current_database()
                     and (l.classid::bigint << 32 | l.objid::bigint) = ?
                  """)) {
            statement.setLong(1, PUBLISHER_LOCK);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next()
                  ? new Leader(
                      rows.getString(1),
                      rows.getString(2),
                      rows.getObject(3, OffsetDateTime.class).toInstant())
                  : null;
            }
          }
        });
  }
}
