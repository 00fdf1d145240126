package io.noetl.upkeep;

import io.noetl.postgres.Database;
import io.noetl.postgres.Database.Pool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Moves named events from the outbox to the log. What is in the log already is left as it is, so a
 * repeat changes nothing. Safe for use by many threads.
 */
public final class OutboxProjection {
  private final Database database;

  public OutboxProjection(Database database) {
    this.database = database;
  }

  /** An event by its place; its id must fit, or it is not moved. */
  public record Named(long executionId, long eventId) {}

  /**
   * @param projected events that this call has moved
   * @param duplicates events that were in the log before
   * @param unknown ids of events that this database does not have
   */
  public record Moved(int projected, int duplicates, Set<Long> unknown) {}

  /** In one transaction; everything of an execution before a named event goes with it. */
  public Moved move(List<Named> events) {
    Long[] executions = events.stream().map(Named::executionId).toArray(Long[]::new);
    Long[] ids = events.stream().map(Named::eventId).toArray(Long[]::new);
    return database.transaction(
        Pool.BACKGROUND,
        connection -> {
          Set<Long> moved = new HashSet<>();
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  with named as (
                    select distinct n.execution_id, n.event_id
                      from unnest(?::bigint[], ?::bigint[]) as n(execution_id, event_id)),
                  upto as (
                    -- The log of an execution has no holes, not even for a moment.
                    select o.execution_id, max(o.seq) as seq
                      from noetl.event_outbox o join named n using (execution_id, event_id)
                     group by o.execution_id),
                  moved as (
                    delete from noetl.event_outbox o using upto u
                     where o.execution_id = u.execution_id and o.seq <= u.seq
                    returning o.execution_id, o.seq, o.event_id, o.event_type, o.tenant_id,
                              o.payload, o.created_at),
                  stored as (
                    insert into noetl.event
                        (execution_id, seq, event_id, event_type, tenant_id, payload, created_at)
                    select execution_id, seq, event_id, event_type, tenant_id, payload, created_at
                      from moved order by execution_id, seq)
                  select m.event_id from moved m join named n using (execution_id, event_id)
                  """)) {
            statement.setArray(1, connection.createArrayOf("int8", executions));
            statement.setArray(2, connection.createArrayOf("int8", ids));
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                moved.add(rows.getLong(1));
              }
            }
          }
          Set<Long> unknown = new HashSet<>(List.of(ids));
          unknown.removeAll(moved);
          Set<Long> before = new HashSet<>();
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  select e.event_id
                    from noetl.event e
                    join unnest(?::bigint[], ?::bigint[]) as n(execution_id, event_id)
                      on e.execution_id = n.execution_id and e.event_id = n.event_id
                  """)) {
            statement.setArray(1, connection.createArrayOf("int8", executions));
            statement.setArray(2, connection.createArrayOf("int8", ids));
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                if (!moved.contains(rows.getLong(1))) {
                  before.add(rows.getLong(1));
                }
              }
            }
          }
          unknown.removeAll(before);
          return new Moved(moved.size(), events.size() - moved.size() - unknown.size(), unknown);
        });
  }
}
