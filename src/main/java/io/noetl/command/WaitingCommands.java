package io.noetl.command;

import io.noetl.command.CommandQueue.ClaimRequest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Commands that any worker of their pool may take now: nobody has held them yet. An index of their
 * own ({@code command_waiting}) answers whose they are. Safe for use by many threads; each call is
 * one statement.
 */
final class WaitingCommands {
  /** Pairs of pool and tenant that one look sees. Others come by their own hints alone. */
  static final int MAX_PAIRS = 1_000;

  private final DataSource database;

  WaitingCommands(DataSource database) {
    this.database = database;
  }

  /**
   * Tenants with a command that waits, by pool: one probe of the index for each pair, however many
   * commands there are.
   */
  Map<String, Set<String>> waiting() throws SQLException {
    Map<String, Set<String>> waiting = new HashMap<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                with recursive pairs as (
                  (select pool, tenant_id from noetl.command
                    where status = 'PENDING' and fence = 0 and parked is null
                    order by pool, tenant_id limit 1)
                  union all
                  select n.pool, n.tenant_id
                    from pairs p cross join lateral (
                      select pool, tenant_id from noetl.command
                       where status = 'PENDING' and fence = 0 and parked is null
                         and (pool, tenant_id) > (p.pool, p.tenant_id)
                       order by pool, tenant_id limit 1) n)
                select pool, tenant_id from pairs limit ?
                """)) {
      statement.setInt(1, MAX_PAIRS);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          waiting.computeIfAbsent(rows.getString(1), _ -> new HashSet<>()).add(rows.getString(2));
        }
      }
    }
    return waiting;
  }

  /**
   * A pending command that a claim names.
   *
   * @param fresh whether any worker of the pool may take it now
   */
  record Asked(String tenantId, boolean fresh) {}

  /** Those that are pending, by id. */
  Map<Long, Asked> asked(List<ClaimRequest> requests) throws SQLException {
    Map<Long, Asked> asked = new HashMap<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select command_id, tenant_id, fence = 0 and parked is null from noetl.command
                 where command_id = any(?) and status = 'PENDING'
                """)) {
      statement.setArray(
          1,
          CommandQueue.array(
              connection, "int8", requests.stream().mapToLong(ClaimRequest::commandId).toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          asked.put(rows.getLong(1), new Asked(rows.getString(2), rows.getBoolean(3)));
        }
      }
    }
    return asked;
  }

  /** A claim that gets the oldest waiting command of a tenant. */
  record Turn(ClaimRequest request, String tenantId) {}

  /**
   * Claims the oldest waiting commands of tenants in one statement. Those that another server is
   * about to claim are passed over.
   *
   * @return what each turn got, by its place among them; those of a tenant that has no more are
   *     missing
   */
  Map<Integer, Claim.Granted> claim(String pool, List<Turn> turns) throws SQLException {
    Map<String, Integer> counts = new HashMap<>();
    String[] tenants = new String[turns.size()];
    String[] workers = new String[turns.size()];
    long[] leases = new long[turns.size()];
    int[] places = new int[turns.size()];
    for (int i = 0; i < turns.size(); i++) {
      Turn turn = turns.get(i);
      tenants[i] = turn.tenantId();
      workers[i] = turn.request().workerId();
      leases[i] = turn.request().lease().toMillis();
      places[i] = counts.merge(turn.tenantId(), 1, Integer::sum);
    }
    Map<Integer, Claim.Granted> granted = new HashMap<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                with picked as materialized (
                  select p.command_id, w.tenant_id
                    from unnest(?::text[], ?::int[]) as w(tenant_id, most)
                   cross join lateral (
                     select c.command_id from noetl.command c
                      where c.pool = ? and c.tenant_id = w.tenant_id and c.status = 'PENDING'
                        and c.fence = 0 and c.parked is null
                      order by c.command_id limit w.most for update skip locked) p),
                placed as materialized (
                  select command_id, tenant_id,
                         row_number() over (partition by tenant_id order by command_id) as place
                    from picked),
                r as (
                  select * from unnest(?::text[], ?::text[], ?::bigint[], ?::int[]) with ordinality
                    as r(tenant_id, worker_id, lease_ms, place, turn))
                update noetl.command c
                   set status = 'CLAIMED', worker_id = r.worker_id, fence = c.fence + 1,
                       attempt = c.attempt + 1, claimed_at = now(),
                       lease_until = now() + r.lease_ms * interval '1 millisecond',
                       due_at = now() + r.lease_ms * interval '1 millisecond'
                  from placed p join r on r.tenant_id = p.tenant_id and r.place = p.place
                 where c.command_id = p.command_id
                   and c.command_id = any(array(select command_id from placed))
                returning
                """
                    + CommandQueue.COLUMNS
                    + ", r.turn")) {
      statement.setArray(
          1, CommandQueue.array(connection, "text", counts.keySet().toArray(String[]::new)));
      statement.setArray(
          2,
          CommandQueue.array(
              connection, "int4", counts.values().stream().mapToInt(Integer::intValue).toArray()));
      statement.setString(3, pool);
      statement.setArray(4, CommandQueue.array(connection, "text", tenants));
      statement.setArray(5, CommandQueue.array(connection, "text", workers));
      statement.setArray(6, CommandQueue.array(connection, "int8", leases));
      statement.setArray(7, CommandQueue.array(connection, "int4", places));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          granted.put(rows.getInt(18) - 1, CommandQueue.granted(rows));
        }
      }
    }
    return granted;
  }
}
