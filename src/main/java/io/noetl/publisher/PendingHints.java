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

  PendingHints(Connection connection) {
    this.connection = connection;
  }

  /**
   * Takes the hints that are due; each is due again {@code again} later, should this one be lost.
   */
  List<Messages.Message> take(Duration again, int limit) throws SQLException {
    List<Messages.Message> hints = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            update noetl.command
               set publication = publication + 1, due_at = now() + ? * interval '1 millisecond'
             where command_id in (
               select command_id from noetl.command
                where due_at <= now() and status = 'PENDING'
                order by due_at limit ? for update skip locked)
            returning command_id, execution_id, pool, step, publication
            """)) {
      statement.setLong(1, again.toMillis());
      statement.setInt(2, limit);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
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
    return hints;
  }
}
