package io.noetl.projector;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.sql.DataSource;

/**
 * Moves rows from the outbox to the log. Safe for use by many threads.
 *
 * <p>Public for the bench, which measures this statement beside others.
 */
public final class EventMover {
  /** Dead messages that are kept, of all reporters together; the rest is only logged. */
  private static final int MAX_BURIED = 10_000;

  private static final int MAX_BODY = 4_096;
  private static final int MAX_REASON = 500;

  private final DataSource database;

  /**
   * @param database gives a connection to each call, in autocommit mode
   */
  public EventMover(DataSource database) {
    this.database = database;
  }

  /**
   * A message that can never be handled.
   *
   * @param subject where it came from
   * @param body as it came
   * @param reason why it cannot be handled
   */
  record Dead(String subject, String body, String reason) {
    private String tenant() {
      String[] tokens = subject.split("\\.", -1);
      return tokens.length > 2 ? tokens[2] : "default";
    }
  }

  /** Keeps messages so that somebody may look at them, up to a number of all that are kept. */
  void bury(List<Dead> dead) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                insert into noetl.dead_message (tenant_id, subject, body, reason, reporter)
                select tenant_id, subject, body, reason, 'projector'
                  from unnest(?::text[], ?::text[], ?::text[], ?::text[])
                       as d(tenant_id, subject, body, reason)
                 limit greatest(0, ? - (select count(*) from noetl.dead_message))
                """)) {
      statement.setArray(1, texts(connection, dead, Dead::tenant, MAX_REASON));
      statement.setArray(2, texts(connection, dead, Dead::subject, MAX_REASON));
      statement.setArray(3, texts(connection, dead, Dead::body, MAX_BODY));
      statement.setArray(4, texts(connection, dead, Dead::reason, MAX_REASON));
      statement.setInt(5, MAX_BURIED);
      statement.executeUpdate();
    }
  }

  private static Array texts(
      Connection connection, List<Dead> dead, Function<Dead, String> column, int most)
      throws SQLException {
    return connection.createArrayOf(
        "text", dead.stream().map(one -> cut(column.apply(one), most)).toArray());
  }

  /** A text that can be a column. */
  private static String cut(String text, int most) {
    String clean = text.replace('\0', '\uFFFD');
    return clean.length() <= most ? clean : clean.substring(0, most);
  }

  /**
   * Moves, for each execution, every row up to the position, in one statement and one commit.
   *
   * @param upTo position by execution id
   * @return rows moved; 0 when all were moved before
   * @throws SQLException when the database fails; nothing was moved then
   */
  public int move(Map<Long, Integer> upTo) throws SQLException {
    long[] executions = new long[upTo.size()];
    int[] positions = new int[upTo.size()];
    int i = 0;
    for (Map.Entry<Long, Integer> entry : upTo.entrySet()) {
      executions[i] = entry.getKey();
      positions[i++] = entry.getValue();
    }
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                with moved as (
                  delete from noetl.event_outbox o
                   using unnest(?::bigint[], ?::int[]) as w(execution_id, seq)
                   where o.execution_id = w.execution_id and o.seq <= w.seq
                     -- By keys, whatever the planner believes of a table that grows and shrinks.
                     and o.execution_id = any(?::bigint[])
                  returning o.execution_id, o.seq, o.event_id, o.event_type, o.tenant_id, o.payload,
                            o.created_at)
                insert into noetl.event
                    (execution_id, seq, event_id, event_type, tenant_id, payload, created_at)
                select execution_id, seq, event_id, event_type, tenant_id, payload, created_at
                  from moved order by execution_id, seq
                """)) {
      var pg = connection.unwrap(org.postgresql.PGConnection.class);
      statement.setArray(1, pg.createArrayOf("int8", executions));
      statement.setArray(2, pg.createArrayOf("int4", positions));
      statement.setArray(3, pg.createArrayOf("int8", executions));
      return statement.executeUpdate();
    }
  }
}
