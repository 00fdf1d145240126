package io.noetl.result;

import io.noetl.archive.EventRecall;
import io.noetl.execution.ExecutionEvent.IterationFinished;
import io.noetl.execution.KnownData.Iterations;
import io.noetl.execution.KnownData.Known;
import io.noetl.execution.KnownData.Missing;
import io.noetl.execution.KnownData.Value;
import io.noetl.execution.LoopRun;
import io.noetl.execution.ResultUris.Address;
import io.noetl.journal.EventCodec;
import io.noetl.json.Json;
import io.noetl.json.Weight;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts the values of loops together from the events of their iterations. Stateless. */
final class LoopValues {
  private static final int PAGE = 200;
  private static final String LOG =
      """
      from (select execution_id, seq, tenant_id, event_type, payload from noetl.event
             where execution_id = ? and tenant_id = ? and seq > ?
            union all
            select execution_id, seq, tenant_id, event_type, payload from noetl.event_outbox
             where execution_id = ? and tenant_id = ? and seq > ?) log
      """;

  private final long limit;
  private final EventRecall recall;

  /**
   * @param limit most bytes of the results of one loop
   * @param recall brings the events of an archived execution back
   */
  LoopValues(long limit, EventRecall recall) {
    this.limit = limit;
    this.recall = recall;
  }

  /** Gets the data of an iteration that is itself out of line. */
  @FunctionalInterface
  interface Resolver {
    Known of(String uri) throws SQLException;
  }

  /**
   * What became of one read.
   *
   * @param bytes about the size of it as JSON
   * @param complete whether the loop has ended, so that the value will not change
   */
  record Read(Known known, long bytes, boolean complete) {}

  Read read(Connection connection, String tenantId, Address address, Resolver resolver)
      throws SQLException {
    // Asked first: when the loop has ended, all its iterations are there to be read.
    boolean done = done(connection, tenantId, address);
    if (!done && recall.recall(address.executionId())) {
      done = done(connection, tenantId, address);
    }
    Map<Integer, @Nullable Object> data = new HashMap<>();
    long bytes = 0;
    long succeeded = 0;
    int after = 0;
    while (true) {
      List<Row> page = page(connection, tenantId, address, after);
      for (Row row : page) {
        after = row.seq();
        if (!(EventCodec.decode(row.type(), Json.parseObject(row.payload()))
            instanceof IterationFinished e)) {
          continue;
        }
        Outcome outcome = e.outcome();
        Object value = outcome.data();
        Map<String, @Nullable Object> reference = outcome.reference();
        if (reference != null && References.elsewhere(outcome)) {
          switch (resolver.of(String.valueOf(References.uri(reference)))) {
            case Value(Object stored) -> value = stored;
            case Missing missing -> {
              return new Read(missing, 0, false);
            }
            case Iterations _ -> throw new IllegalStateException("an iteration is no loop");
          }
        }
        bytes += Weight.of(value);
        if (bytes > limit) {
          return new Read(tooLarge(address), 0, false);
        }
        data.put(e.iteration(), value);
        succeeded += outcome.succeeded() ? 1 : 0;
      }
      if (page.size() < PAGE) {
        return done
            ? new Read(new Value(value(data, succeeded)), bytes, true)
            : new Read(new Iterations(data), bytes, false);
      }
    }
  }

  private static Object value(Map<Integer, @Nullable Object> data, long succeeded) {
    List<@Nullable Object> results = new ArrayList<>(data.size());
    for (int i = 0; i < data.size(); i++) {
      results.add(data.get(i));
    }
    Map<String, @Nullable Object> stats = new LinkedHashMap<>();
    stats.put("total", (long) data.size());
    stats.put("success", succeeded);
    stats.put("failed", data.size() - succeeded);
    return LoopRun.value(results, stats);
  }

  private Missing tooLarge(Address address) {
    return new Missing(
        "Expected the results of loop step '"
            + address.name()
            + "' to be at most "
            + limit
            + " bytes together (limits.result-body), but they are more");
  }

  private record Row(int seq, String type, String payload) {}

  private static boolean done(Connection connection, String tenantId, Address address)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select 1 "
                + LOG
                + " where event_type = 'loop.done' and payload->>'step' = ?"
                + " and payload->'context'->>'visit' = ?")) {
      bind(statement, tenantId, address, 0);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private static List<Row> page(Connection connection, String tenantId, Address address, int after)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select seq, event_type, payload "
                + LOG
                + """
                 where event_type in ('call.done', 'call.error', 'command.failed')
                   and payload->>'schema_name' = 'iteration_finished' and payload->>'step' = ?
                   and payload->'context'->>'visit' = ?
                 order by seq limit
                """
                + PAGE)) {
      bind(statement, tenantId, address, after);
      try (ResultSet rows = statement.executeQuery()) {
        List<Row> page = new ArrayList<>();
        while (rows.next()) {
          page.add(new Row(rows.getInt(1), rows.getString(2), rows.getString(3)));
        }
        return page;
      }
    }
  }

  private static void bind(PreparedStatement statement, String tenantId, Address address, int after)
      throws SQLException {
    for (int i = 0; i < 2; i++) {
      statement.setLong(3 * i + 1, address.executionId());
      statement.setString(3 * i + 2, tenantId);
      statement.setInt(3 * i + 3, after);
    }
    statement.setString(7, address.name());
    statement.setString(8, Long.toString(address.id()));
  }
}
