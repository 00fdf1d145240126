package io.noetl.publisher;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows that have become visible since the last reading.
 *
 * <p>A number from a sequence becomes visible out of order, so a cursor over one skips the commit
 * that was late. Here the cursor is a snapshot: each row carries the id of its transaction, and
 * what a snapshot did not see is exactly what is new. No row is read twice, none is skipped, and a
 * slow transaction holds up nobody but itself.
 */
final class OutboxReader {
  private final Connection connection;
  private final int fetchSize;

  OutboxReader(Connection connection, int fetchSize) {
    this.connection = connection;
    this.fetchSize = fetchSize;
  }

  /** Takes a row; may block while the bus is busy. */
  @FunctionalInterface
  interface RowSink {
    void accept(OutboxRow row) throws InterruptedException;
  }

  /**
   * One row of the outbox.
   *
   * @param hintPool pool to tell about the command that this event offers, or null
   * @param step step of that command, or null
   * @param commandId id of that command when it is not the event's own, or null
   */
  record OutboxRow(
      long executionId,
      int seq,
      long eventId,
      String type,
      String tenantId,
      Instant createdAt,
      String payload,
      @Nullable String hintPool,
      @Nullable String step,
      @Nullable String commandId) {}

  private static final String COLUMNS =
      """
      o.execution_id, o.seq, o.event_id, o.event_type, o.tenant_id, o.created_at, o.payload,
      o.hint_pool, case when o.hint_pool is not null then o.payload->>'step' end,
      case when o.hint_pool is not null then o.payload->>'command_id' end
      """;

  /**
   * Reads what is new.
   *
   * @param since snapshot of the last reading; null reads the whole outbox
   * @param much whether there may be more than memory should hold: rows then come a page at a time,
   *     which takes a transaction, and so two more round trips
   * @return the snapshot of this reading
   */
  String read(@Nullable String since, boolean much, RowSink sink)
      throws SQLException, InterruptedException {
    // The snapshot of one statement is one and the same for all of its parts.
    String sql =
        since == null
            ? "select s.now, "
                + COLUMNS
                + " from (select pg_current_snapshot()::text as now) s"
                + " left join noetl.event_outbox o on true order by o.execution_id, o.seq"
            : "select s.now, "
                + COLUMNS
                + " from (select pg_current_snapshot()::text as now) s"
                + " left join noetl.event_outbox o"
                + " on o.tx >= pg_snapshot_xmin(?::pg_snapshot)"
                + " and not pg_visible_in_snapshot(o.tx, ?::pg_snapshot)"
                + " order by o.execution_id, o.seq";
    if (!much) {
      return read(sql, since, 0, sink);
    }
    connection.setAutoCommit(false);
    try {
      return read(sql, since, fetchSize, sink);
    } finally {
      connection.commit();
      connection.setAutoCommit(true);
    }
  }

  private String read(String sql, @Nullable String since, int page, RowSink sink)
      throws SQLException, InterruptedException {
    String snapshot = null;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setFetchSize(page);
      if (since != null) {
        statement.setString(1, since);
        statement.setString(2, since);
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          snapshot = rows.getString(1);
          if (rows.getString(5) != null) {
            sink.accept(row(rows, 1));
          }
        }
      }
    }
    if (snapshot == null) {
      throw new IllegalStateException("Expected the snapshot in every reading, but got none");
    }
    return snapshot;
  }

  /** Where a pass over rows that stay too long has come to. */
  record Position(String tx, long executionId, int seq) {
    static final Position START = new Position("0", 0, 0);
  }

  /**
   * Reads rows that have been in the outbox longer than {@code age}, the oldest first.
   *
   * @return where to go on, or null at the end of the pass
   */
  @Nullable Position readOld(Position from, Duration age, int limit, RowSink sink)
      throws SQLException, InterruptedException {
    Position last = null;
    int count = 0;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select o.tx::text, "
                + COLUMNS
                + """
                  from noetl.event_outbox o
                 where (o.tx, o.execution_id, o.seq) > (?::xid8, ?, ?)
                   and o.created_at < now() - ? * interval '1 millisecond'
                 order by o.tx, o.execution_id, o.seq limit ?
                """)) {
      statement.setString(1, from.tx());
      statement.setLong(2, from.executionId());
      statement.setInt(3, from.seq());
      statement.setLong(4, age.toMillis());
      statement.setInt(5, limit);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          OutboxRow row = row(rows, 1);
          sink.accept(row);
          last = new Position(rows.getString(1), row.executionId(), row.seq());
          count++;
        }
      }
    }
    return count < limit ? null : last;
  }

  private static OutboxRow row(ResultSet rows, int offset) throws SQLException {
    return new OutboxRow(
        rows.getLong(offset + 1),
        rows.getInt(offset + 2),
        rows.getLong(offset + 3),
        rows.getString(offset + 4),
        rows.getString(offset + 5),
        rows.getObject(offset + 6, OffsetDateTime.class).toInstant(),
        rows.getString(offset + 7),
        rows.getString(offset + 8),
        rows.getString(offset + 9),
        rows.getString(offset + 10));
  }
}
