package io.noetl.publisher;

import io.noetl.envelope.Ids;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Commands that are due for another hint: nobody has claimed them, or they were given back. */
final class PendingHints {
  private final Connection connection;
  private final int perPool;
  private final Duration tick;

  /**
   * @param perPool of commands that nobody has held yet, hints of one pool in one look. Any hint of
   *     the pool serves to claim any of them, so a few wake its workers, and a backlog of a hundred
   *     thousand does not fill the bus with itself.
   * @param tick about how long until the next look
   */
  PendingHints(Connection connection, int perPool, Duration tick) {
    this.connection = connection;
    this.perPool = perPool;
    this.tick = tick;
  }

  /**
   * Takes the hints that are due; each is due again {@code again} later, should this one be lost.
   * What is too much for this look is spread over the next ones.
   */
  List<Messages.Message> take(Duration again, int limit) throws SQLException {
    List<Messages.Message> hints = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            with due as materialized (
              select command_id, pool, due_at, fence = 0 and parked is null as fresh
                from noetl.command
               where due_at <= now() and status = 'PENDING'
               order by due_at limit ? for update skip locked),
            placed as materialized (
              select command_id,
                     case when fresh
                          then (row_number() over (partition by pool, fresh order by due_at) - 1) / ?
                          else 0 end as look
                from due)
            update noetl.command c
               set publication = c.publication + case when p.look = 0 then 1 else 0 end,
                   due_at = now() + case when p.look = 0 then ? else p.look * ? end
                                    * interval '1 millisecond'
              from placed p
             where c.command_id = p.command_id
               and c.command_id = any(array(select command_id from placed))
            returning c.command_id, c.execution_id, c.pool, c.step, c.publication, p.look = 0
            """)) {
      statement.setInt(1, limit);
      statement.setInt(2, perPool);
      statement.setLong(3, again.toMillis());
      statement.setLong(4, tick.toMillis());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          if (rows.getBoolean(6)) {
            hints.add(
                Messages.hint(
                    rows.getString(3),
                    rows.getLong(2),
                    Ids.text(rows.getLong(1)),
                    rows.getString(4),
                    "r" + rows.getInt(5)));
          }
        }
      }
    }
    return hints;
  }
}
