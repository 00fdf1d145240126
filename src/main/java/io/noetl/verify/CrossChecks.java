package io.noetl.verify;

import io.noetl.execution.ResultUris;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What concerns several executions at once: a statement each. For one thread. */
final class CrossChecks {
  private final Connection connection;
  private final Findings findings;
  private final String one;
  private final long grace;

  /**
   * @param executionId the only one to look at, or null for all
   */
  CrossChecks(
      Connection connection, Findings findings, @Nullable Long executionId, Duration grace) {
    this.connection = connection;
    this.findings = findings;
    this.one = executionId == null ? "true" : "execution_id = " + executionId;
    this.grace = grace.toSeconds();
  }

  void look() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Groups are made by hashing or by sorting, on the server's disk when they are many.
      statement.execute("set local enable_sort = on");
    }
    each(
        """
        select min(execution_id), event_id, count(*) from (
          select execution_id, event_id from noetl.event where %1$s
          union all select execution_id, event_id from noetl.event_outbox where %1$s) v
         group by event_id having count(*) > 1
        """,
        row ->
            findings.add(
                Rule.EVENT_ID,
                row.getLong(1),
                row.getLong(2),
                "Expected event id "
                    + row.getLong(2)
                    + " once, but it is there "
                    + row.getLong(3)
                    + " times"));
    each(
        """
        select min(execution_id), child_execution_id, count(*) from noetl.wait
         where child_execution_id is not null and %1$s group by 2 having count(*) > 1
        """,
        row ->
            findings.add(
                Rule.CHILD,
                row.getLong(1),
                row.getLong(2),
                "Expected one wait for child "
                    + row.getLong(2)
                    + ", but there are "
                    + row.getLong(3)));
    each(
        """
        select x.execution_id, p.execution_id from noetl.execution x
          join noetl.execution p on p.execution_id = x.parent_execution_id
         where x.ended_at is null and p.status = 'CANCELLED'
           and p.archived_at is null and x.%1$s
           and not exists (select 1 from noetl.wait w
                            where w.execution_id = p.execution_id and w.kind = 'cascade')
           and not exists (
             select 1 from (
               select execution_id, event_type, payload from noetl.event
                where execution_id = p.execution_id and seq >= p.seq
               union all select execution_id, event_type, payload from noetl.event_outbox
                where execution_id = p.execution_id and seq >= p.seq) v
              where v.event_type = 'playbook.cancelled'
                and v.payload -> 'context' ->> 'cascade' = 'false')
        """
            .replace("x.%1$s", one.equals("true") ? "true" : "x.%1$s"),
        row ->
            findings.add(
                Rule.CHILD_RUNS_ON,
                row.getLong(1),
                0,
                "Expected the child to end with its parent "
                    + row.getLong(2)
                    + ", which was cancelled, but it runs"));
    each(
        """
        select min(execution_id), count(*),
               round(extract(epoch from now() - min(created_at)))::bigint
          from noetl.event_outbox where created_at < now() - interval '%2$d seconds' and %1$s
        having count(*) > 0
        """,
        row ->
            findings.add(
                Rule.OUTBOX_AGE,
                row.getLong(1),
                0,
                "Expected events to leave the outbox, but "
                    + row.getLong(2)
                    + " have not; the oldest is "
                    + row.getLong(3)
                    + " s old"));
    each(
        """
        select min(execution_id), count(*) from noetl.event_default where %1$s having count(*) > 0
        """,
        row ->
            findings.add(
                Rule.PARTITION,
                row.getLong(1),
                0,
                "Expected every event in the partition of its month, but "
                    + row.getLong(2)
                    + " are in none"));
  }

  /** Which of these results of other executions are not there. */
  void references(long executionId, boolean ended, List<ResultUris.Address> addresses)
      throws SQLException {
    Set<Long> missing = new HashSet<>();
    addresses.forEach(address -> missing.add(address.id()));
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select result_id from noetl.result where result_id = any(?)")) {
      Array ids = connection.createArrayOf("int8", missing.toArray());
      statement.setArray(1, ids);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          missing.remove(rows.getLong(1));
        }
      }
    }
    for (long id : missing) {
      // Whoever made it may have been removed, with its results, before this one.
      findings.add(
          ended ? Rule.RESULT_DELETED : Rule.RESULT_MISSING,
          executionId,
          id,
          "Expected result "
              + id
              + " of another execution, to which an event refers, but there is none");
    }
  }

  private interface Line {
    void add(ResultSet row) throws SQLException;
  }

  private void each(String sql, Line line) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(1_000);
      try (ResultSet rows = statement.executeQuery(sql.formatted(one, grace))) {
        while (rows.next()) {
          line.add(rows);
        }
      }
    }
  }
}
