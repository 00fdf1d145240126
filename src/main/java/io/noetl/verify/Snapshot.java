package io.noetl.verify;

import io.noetl.journal.RowColumns;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** The tables of one snapshot, each in the order of executions. For one thread. */
final class Snapshot implements AutoCloseable {
  /** Payloads are large, other rows are not. */
  private static final int EVENTS_AT_ONCE = 250;

  private static final int ROWS_AT_ONCE = 1_000;

  final Cursor<Stored.Execution> executions;
  final Cursor<Stored.Event> events;
  final Cursor<Stored.Event> outbox;
  final Cursor<Stored.Command> commands;
  final Cursor<Stored.Wait> waits;
  final Cursor<Stored.Result> results;

  /**
   * @param connection in a transaction that sees one snapshot; nothing else uses it meanwhile
   * @param executionId the only one to look at, or null for all
   */
  Snapshot(Connection connection, @Nullable Long executionId) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Rows come in the order of a key anyway: to sort a whole log would fill the disk, and a plan
      // that is quick to its first row is what a cursor wants.
      statement.execute("set local enable_sort = off");
      statement.execute("set local enable_incremental_sort = off");
      statement.execute("set local jit = off");
      statement.execute("set local statement_timeout = 0");
    }
    this.executions =
        new Cursor<>(
            connection,
            sql(
                "execution_id, tenant_id, catalog_id, path, version, parent_execution_id,"
                    + " archived_at is not null, "
                    + RowColumns.NAMES,
                "noetl.execution x",
                "execution_id",
                executionId),
            ROWS_AT_ONCE,
            Snapshot::execution);
    String event = "execution_id, seq, event_id, event_type, tenant_id, created_at, payload";
    String order = "execution_id, seq";
    this.events =
        new Cursor<>(
            connection,
            sql(event, "noetl.event x", order, executionId),
            EVENTS_AT_ONCE,
            Snapshot::event);
    this.outbox =
        new Cursor<>(
            connection,
            sql(event, "noetl.event_outbox x", order, executionId),
            EVENTS_AT_ONCE,
            Snapshot::event);
    this.commands =
        new Cursor<>(
            connection,
            sql(
                "command_id, execution_id, tenant_id, step, status, worker_id,"
                    + " case when due_at < 'infinity' then"
                    + " extract(epoch from now() - due_at)::float8 end",
                "noetl.command x",
                "execution_id",
                executionId),
            ROWS_AT_ONCE,
            Snapshot::command);
    this.waits =
        new Cursor<>(
            connection,
            sql(
                "wait_id, execution_id, tenant_id, kind, state, child_execution_id,"
                    + " (select c.ended_at is not null from noetl.execution c"
                    + " where c.execution_id = x.child_execution_id),"
                    // What only has an end may have none; what has to be done has to be done soon.
                    + " case when due_at < 'infinity' then"
                    + " extract(epoch from now() - due_at)::float8"
                    + " when state not in ('START', 'DELIVER', 'CASCADE') then -1 end",
                "noetl.wait x",
                "execution_id",
                executionId),
            ROWS_AT_ONCE,
            Snapshot::wait);
    this.results =
        new Cursor<>(
            connection,
            sql(
                "result_id, execution_id, tenant_id, name, scope, sha is null,"
                    + " exists (select 1 from noetl.result_blob b"
                    + " where b.tenant_id = x.tenant_id and b.sha = x.sha),"
                    + " extract(epoch from now() - created_at)::float8",
                "noetl.result x",
                "execution_id, result_id",
                executionId),
            ROWS_AT_ONCE,
            Snapshot::result);
  }

  private static String sql(
      String columns, String table, String order, @Nullable Long executionId) {
    return "select "
        + columns
        + " from "
        + table
        + (executionId == null ? "" : " where x.execution_id = " + executionId)
        + " order by "
        + order;
  }

  /** The least execution of which something is left; {@link Long#MAX_VALUE} at the end. */
  long nextExecution() {
    long next = Math.min(executions.execution(), events.execution());
    next = Math.min(next, outbox.execution());
    next = Math.min(next, commands.execution());
    next = Math.min(next, waits.execution());
    return Math.min(next, results.execution());
  }

  /** The next event of this execution, wherever it is stored; null when there is no more. */
  Stored.@Nullable Event nextEvent(long executionId) throws SQLException {
    Stored.Event logged = events.execution() == executionId ? events.peek() : null;
    Stored.Event young = outbox.execution() == executionId ? outbox.peek() : null;
    if (logged != null && (young == null || logged.seq() <= young.seq())) {
      events.move();
      return logged;
    }
    if (young != null) {
      outbox.move();
    }
    return young;
  }

  private static Stored.Execution execution(ResultSet row) throws SQLException {
    return new Stored.Execution(
        row.getLong(1),
        row.getString(2),
        row.getLong(3),
        row.getString(4),
        row.getInt(5),
        row.getObject(6, Long.class),
        row.getBoolean(7),
        RowColumns.read(row, 8));
  }

  private static Stored.Event event(ResultSet row) throws SQLException {
    return new Stored.Event(
        row.getLong(1),
        row.getInt(2),
        row.getLong(3),
        row.getString(4),
        row.getString(5),
        row.getObject(6, OffsetDateTime.class).toInstant(),
        row.getString(7));
  }

  private static Stored.Command command(ResultSet row) throws SQLException {
    return new Stored.Command(
        row.getLong(1),
        row.getLong(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getObject(7, Double.class));
  }

  private static Stored.Wait wait(ResultSet row) throws SQLException {
    Boolean ended = row.getObject(7, Boolean.class);
    return new Stored.Wait(
        row.getLong(1),
        row.getLong(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getObject(6, Long.class),
        ended != null,
        Boolean.TRUE.equals(ended),
        row.getObject(8, Double.class));
  }

  private static Stored.Result result(ResultSet row) throws SQLException {
    return new Stored.Result(
        row.getLong(1),
        row.getLong(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getBoolean(6),
        row.getBoolean(7),
        row.getDouble(8));
  }

  @Override
  public void close() throws SQLException {
    executions.close();
    events.close();
    outbox.close();
    commands.close();
    waits.close();
    results.close();
  }
}
