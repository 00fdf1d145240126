package io.noetl.testing;

import io.noetl.config.DatabaseConfig;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.PostgresJournal;
import io.noetl.journal.PostgresJournal.CommandTimes;
import io.noetl.json.Json;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of every execution in a database, at any moment: all of it is read in one
 * snapshot, so the roles may go on while it is checked. Run after every integration test.
 *
 * <p>Every violation is reported, with the ids that it concerns, and not only the first.
 */
public final class Invariants {
  private static final int MOST_LINES = 60;
  private static final String ALL_EVENTS =
      """
      (select execution_id, seq, event_id, event_type, 'event' as place from noetl.event
       union all
       select execution_id, seq, event_id, event_type, 'event_outbox' from noetl.event_outbox) v
      """;

  private final Connection connection;
  private final List<String> violations = new ArrayList<>();

  private Invariants(Connection connection) {
    this.connection = connection;
  }

  /** Fails with a report when anything that must hold at any moment does not. */
  public static void check(DatabaseConfig database) {
    List<String> violations = violations(database);
    if (!violations.isEmpty()) {
      throw new AssertionError(report(violations));
    }
  }

  /**
   * As {@link #check}, once nothing is on its way any more: waits until no execution runs and the
   * outbox is empty.
   */
  public static void checkSettled(DatabaseConfig database, Duration patience) {
    String settled =
        """
        select (select count(*) from noetl.event_outbox) || ' events in the outbox, '
            || (select count(*) from noetl.execution where ended_at is null) || ' executions run, '
            || (select count(*) from noetl.wait) || ' waits are open'
        """;
    try {
      Waiting.until(
          patience,
          () -> text(database, settled),
          () ->
              text(database, settled)
                  .equals("0 events in the outbox, 0 executions run, 0 waits are open"));
    } catch (AssertionError e) {
      List<String> violations = violations(database);
      throw violations.isEmpty() ? e : new AssertionError(e.getMessage() + report(violations), e);
    }
    check(database);
  }

  /** One line per violation. */
  public static List<String> violations(DatabaseConfig database) {
    try (Connection connection = connect(database)) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      Invariants invariants = new Invariants(connection);
      invariants.look();
      connection.rollback();
      return List.copyOf(invariants.violations);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Connection connect(DatabaseConfig database) throws SQLException {
    return DriverManager.getConnection(
        database.jdbcUrl(), database.user(), database.password().reveal());
  }

  private static String text(DatabaseConfig database, String sql) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      // The server may be on its way back up; the deadline decides.
      return e.getMessage();
    }
  }

  private static String report(List<String> violations) {
    StringBuilder report = new StringBuilder("\n" + violations.size() + " invariants are broken:");
    violations.stream().limit(MOST_LINES).forEach(line -> report.append("\n  ").append(line));
    if (violations.size() > MOST_LINES) {
      report.append("\n  … and ").append(violations.size() - MOST_LINES).append(" more");
    }
    return report.toString();
  }

  private void look() throws SQLException {
    positions();
    rowsOnTheirOwn();
    waitsAndChildren();
    Map<Long, Set<Long>> open =
        byExecution("select execution_id, command_id from noetl.command where status <> 'DEAD'");
    Map<Long, Set<Long>> waits =
        byExecution("select execution_id, wait_id from noetl.wait where kind <> 'cascade'");
    for (Row row : executions()) {
      fold(
          row,
          open.getOrDefault(row.executionId, Set.of()),
          waits.getOrDefault(row.executionId, Set.of()));
    }
  }

  /** I2, I5, I8: one dense order, each event once, nothing after the end. */
  private void positions() throws SQLException {
    each(
        """
        select execution_id, count(*), count(distinct seq), min(seq), max(seq) from %s
         group by execution_id
        having min(seq) <> 1 or max(seq) <> count(*) or count(distinct seq) <> count(*)
        """
            .formatted(ALL_EVENTS),
        row ->
            "I2 execution %d has %d events at %d positions from %d to %d; missing or twice: %s"
                .formatted(
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getInt(4),
                    row.getInt(5),
                    holes(row.getLong(1))));
    each(
        """
        select event_id, count(*), string_agg(place || ' ' || execution_id || '/' || seq, ', ')
          from %s group by event_id having count(*) > 1
        """
            .formatted(ALL_EVENTS),
        row ->
            "I2 event id %d is there %d times: %s"
                .formatted(row.getLong(1), row.getLong(2), row.getString(3)));
    each(
        """
        select v.execution_id, e.status, e.seq,
               string_agg(v.event_type || ' at ' || v.seq, ', ' order by v.seq)
          from %s join noetl.execution e using (execution_id)
         where v.event_type in ('playbook.completed', 'playbook.failed', 'playbook.cancelled')
         group by v.execution_id, e.status, e.seq
        having count(*) > 1 or max(v.seq) <> e.seq or e.status = 'RUNNING'
        """
            .formatted(ALL_EVENTS),
        row ->
            "I8 execution %d is %s at %d, but its terminal events are: %s"
                .formatted(row.getLong(1), row.getString(2), row.getInt(3), row.getString(4)));
  }

  private String holes(long executionId) throws SQLException {
    List<String> holes = new ArrayList<>();
    String sql =
        """
        select s, count(v.seq) from generate_series(1, (select max(seq) from %1$s
               where execution_id = %2$d)) s
          left join (select seq from %1$s where execution_id = %2$d) v on v.seq = s
         group by s having count(v.seq) <> 1 order by s limit 20
        """
            .formatted(ALL_EVENTS, executionId);
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        holes.add(rows.getInt(1) + " (" + rows.getInt(2) + " times)");
      }
    }
    return String.join(", ", holes);
  }

  /** What belongs to an execution that is not there, or to no month. */
  private void rowsOnTheirOwn() throws SQLException {
    each(
        """
        select execution_id, count(*) from %s
         where not exists (select 1 from noetl.execution e where e.execution_id = v.execution_id)
         group by execution_id
        """
            .formatted(ALL_EVENTS),
        row -> "I2 %d events of an unknown execution %d".formatted(row.getLong(2), row.getLong(1)));
    each(
        """
        select command_id, execution_id from noetl.command c
         where not exists (select 1 from noetl.execution e where e.execution_id = c.execution_id)
        """,
        row -> "command %d of an unknown execution %d".formatted(row.getLong(1), row.getLong(2)));
    each(
        "select count(*) from noetl.event_default having count(*) > 0",
        row -> row.getLong(1) + " events are in no partition of their own");
  }

  /** Rows of waits belong to somebody, a child has one parent, and it ends with a cancelled one. */
  private void waitsAndChildren() throws SQLException {
    each(
        """
        select wait_id, execution_id, state from noetl.wait w
         where not exists (select 1 from noetl.execution e where e.execution_id = w.execution_id)
        """,
        row -> "wait %d of an unknown execution %d".formatted(row.getLong(1), row.getLong(2)));
    each(
        """
        select child_execution_id, count(*) from noetl.wait
         where child_execution_id is not null group by 1 having count(*) > 1
        """,
        row -> "%d waits for one child %d".formatted(row.getLong(2), row.getLong(1)));
    each(
        """
        select w.wait_id, w.state, w.child_execution_id, e.status
          from noetl.wait w left join noetl.execution e on e.execution_id = w.child_execution_id
         where w.kind = 'child'
           and case w.state when 'START' then e.execution_id is not null
                            when 'WAIT' then e.execution_id is null or e.ended_at is not null
                            else e.execution_id is null end
        """,
        row ->
            "I7 wait %d is in state %s, but its child %d is %s"
                .formatted(row.getLong(1), row.getString(2), row.getLong(3), row.getString(4)));
    each(
        """
        select c.execution_id, p.execution_id from noetl.execution c
          join noetl.execution p on p.execution_id = c.parent_execution_id
         where c.ended_at is null and p.status = 'CANCELLED'
           and not exists (select 1 from noetl.wait w
                            where w.execution_id = p.execution_id and w.kind = 'cascade')
           and not exists (select 1 from %s where v.execution_id = p.execution_id
                              and v.event_type = 'playbook.cancelled'
                              and v.payload -> 'context' ->> 'cascade' = 'false')
        """
            .formatted(ALL_EVENTS.replace("event_type, '", "event_type, payload, '")),
        row ->
            "child %d runs, but its parent %d was cancelled"
                .formatted(row.getLong(1), row.getLong(2)));
  }

  private Map<Long, Set<Long>> byExecution(String sql) throws SQLException {
    Map<Long, Set<Long>> open = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        open.computeIfAbsent(rows.getLong(1), _ -> new TreeSet<>()).add(rows.getLong(2));
      }
    }
    return open;
  }

  private record Row(
      long executionId,
      String status,
      int seq,
      @Nullable String error,
      @Nullable String result,
      boolean ended) {}

  private List<Row> executions() throws SQLException {
    List<Row> executions = new ArrayList<>();
    try (PreparedStatement statement =
            connection.prepareStatement(
                """
                select execution_id, status, seq, error, result, ended_at is not null
                  from noetl.execution where archived_at is null order by execution_id
                """);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        executions.add(
            new Row(
                rows.getLong(1),
                rows.getString(2),
                rows.getInt(3),
                rows.getString(4),
                rows.getString(5),
                rows.getBoolean(6)));
      }
    }
    return executions;
  }

  /** I3, I7, I8 of one execution: the row is the fold of the events, and the work is there. */
  private void fold(Row row, Set<Long> open, Set<Long> waits) throws SQLException {
    long id = row.executionId;
    List<StoredEvent> events;
    ExecutionState state;
    try {
      events = journal().read(id, 0);
      state = ExecutionState.replay(id, events);
    } catch (IllegalStateException | IllegalArgumentException e) {
      violations.add("I3 execution " + id + " cannot be folded: " + e.getMessage());
      return;
    } catch (io.noetl.journal.CorruptLogException e) {
      violations.add("I9 " + e.getMessage());
      return;
    }
    equal(id, "status", row.status, state.status().name());
    equal(id, "seq", row.seq, state.seq());
    equal(id, "error", row.error, state.error());
    equal(id, "result", row.result == null ? null : Json.parse(row.result), state.result());
    equal(id, "ended", row.ended, state.status().terminal());
    Set<Long> expected = new TreeSet<>(state.commands().keySet());
    if (!expected.equals(open)) {
      violations.add(
          "I3 execution %d (%s) has open commands %s, but its events say %s"
              .formatted(id, row.status, open, expected));
    }
    Set<Long> awaited = new TreeSet<>(state.waits().keySet());
    if (!awaited.equals(waits)) {
      violations.add(
          "I3 execution %d (%s) has rows of waits %s, but its events say %s"
              .formatted(id, row.status, waits, awaited));
    }
    if (state.status() == ExecutionStatus.RUNNING && open.isEmpty() && waits.isEmpty()) {
      violations.add("I7 execution " + id + " runs, but waits for nothing: no command is open");
    }
    reportedOnce(id, events);
  }

  private PostgresJournal journal() {
    SnapshotSource source = new SnapshotSource(connection);
    return new PostgresJournal(
        source, source, new CommandTimes(Duration.ofSeconds(1), Duration.ofSeconds(1), 1));
  }

  /** I6: one report per command was accepted, and of a command that was issued. */
  private void reportedOnce(long id, List<StoredEvent> events) {
    Set<Long> issued = new HashSet<>();
    Set<Long> finished = new HashSet<>();
    for (StoredEvent event : events) {
      if (event.event() instanceof ExecutionEvent.CommandIssued
          || event.event() instanceof ExecutionEvent.WaitOpened) {
        issued.add(event.eventId());
      }
      Long ended =
          switch (event.event()) {
            case ExecutionEvent.CallFinished e -> (Long) e.commandId();
            case ExecutionEvent.IterationFinished e -> e.commandId();
            case ExecutionEvent.FrameClaimed e -> e.commandId();
            default -> null;
          };
      if (ended != null && (!issued.contains(ended) || !finished.add(ended))) {
        violations.add(
            "I6 execution %d: event %d ends command %d, which %s"
                .formatted(
                    id,
                    event.seq(),
                    ended,
                    issued.contains(ended) ? "had ended before" : "was never issued"));
      }
    }
  }

  private void equal(long id, String what, @Nullable Object stored, @Nullable Object folded) {
    if (!Objects.equals(stored, folded)) {
      violations.add(
          "I3 execution %d: stored %s is %s, but its events say %s"
              .formatted(id, what, stored, folded));
    }
  }

  private interface Line {
    String of(ResultSet row) throws SQLException;
  }

  private void each(String sql, Line line) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        violations.add(line.of(rows));
      }
    }
  }
}
