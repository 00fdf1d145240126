package io.noetl.query;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;

/** Figures of the outbox. Safe for use by many threads. */
public final class Outbox {
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
}
