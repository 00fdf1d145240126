package io.noetl.query;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What waits for each pool, counted at most once in a while however often it is asked for. Safe for
 * use by many threads.
 */
public final class PoolBacklog {
  private final Database database;
  private final Duration keep;
  private final LongSupplier nanos;
  private Map<String, Figures> known = Map.of();
  private boolean counted;
  private long countedAt;

  /**
   * @param keep how long a count is good for
   * @param nanos a clock that only moves forward
   */
  public PoolBacklog(Database database, Duration keep, LongSupplier nanos) {
    this.database = database;
    this.keep = keep;
    this.nanos = nanos;
  }

  /**
   * @param pending commands that nobody has claimed
   * @param oldestPendingSeconds age of the oldest of these; 0 when none waits
   * @param inFlight commands that workers hold
   */
  public record Figures(long pending, double oldestPendingSeconds, long inFlight) {
    static final Figures NONE = new Figures(0, 0, 0);
  }

  /** Of one pool; one to which nothing was sent has none. */
  public synchronized Figures of(String pool) {
    long now = nanos.getAsLong();
    if (!counted || now - countedAt >= keep.toNanos()) {
      known = count();
      counted = true;
      countedAt = now;
    }
    return known.getOrDefault(pool, Figures.NONE);
  }

  private Map<String, Figures> count() {
    return database.autocommit(
        Pool.READ,
        connection -> {
          try (PreparedStatement statement =
                  connection.prepareStatement(
                      """
                      select pool,
                             count(*) filter (where status = 'PENDING' and parked is null),
                             coalesce(extract(epoch from now() - min(created_at)
                               filter (where status = 'PENDING' and parked is null)), 0)::float8,
                             count(*) filter (where status = 'CLAIMED')
                        from noetl.command group by pool
                      """);
              ResultSet rows = statement.executeQuery()) {
            Map<String, Figures> figures = new HashMap<>();
            while (rows.next()) {
              figures.put(
                  rows.getString(1),
                  new Figures(rows.getLong(2), Math.max(0, rows.getDouble(3)), rows.getLong(4)));
            }
            return figures;
          }
        });
  }
}
