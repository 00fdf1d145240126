package io.noetl.journal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The one statement that appends a batch. Its parts are there only when the batch needs them, so
 * there are a few texts, each prepared once per connection.
 *
 * <p>Everything hangs on {@code moved} and {@code fresh}: the executions whose version matched and
 * whose commands still had the expected fences. An execution that is not among them is left alone
 * by every part, and the caller decides it again.
 *
 * <p>Planning such a statement costs as much as running it, so connections for appends plan each
 * text once (see {@code Database}). A plan that is kept must not depend on how large the tables
 * are: each part names the keys that it wants as an array beside the join, which an index answers
 * whatever the planner believes.
 */
final class AppendSql {
  private static final Map<Shape, String> TEXTS = new ConcurrentHashMap<>();

  private AppendSql() {}

  /**
   * Which parts a batch needs.
   *
   * @param waits waits are answered or closed
   * @param opened waits are written
   * @param pauses pauses begin or end
   */
  record Shape(
      boolean fresh,
      boolean moved,
      boolean changes,
      boolean offers,
      boolean issued,
      boolean waits,
      boolean opened,
      boolean pauses) {}

  static String of(Shape shape) {
    return TEXTS.computeIfAbsent(shape, AppendSql::text);
  }

  private static String text(Shape shape) {
    StringBuilder sql = new StringBuilder(4096);
    if (shape.changes()) {
      sql.append(
          """
          with s as materialized (
            select * from unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[])
              as s(execution_id, command_id, fence, action, reason)),
          held as materialized (
            select c.command_id from noetl.command c join s on s.command_id = c.command_id
             where c.command_id = any(array(select command_id from s))
               and c.fence = s.fence
               and (c.status = 'CLAIMED' and (s.action = 'SETTLE' or c.lease_until <= now())
                    or c.status = 'PENDING' and c.parked is not null and s.action = 'SETTLE')
             order by c.command_id for update of c),
          lost as materialized (
            select distinct s.execution_id from s
             where s.fence >= 0
               and not exists (select 1 from held where held.command_id = s.command_id)),
          """);
    } else {
      sql.append("with ");
    }
    if (shape.waits()) {
      // Rows of waits are locked before those of executions, and in order: two servers that touch
      // parent and child at once wait for each other here, and never in a circle.
      sql.append(
          """
          i as materialized (
            select * from unnest(?::bigint[], ?::bigint[], ?::text[])
              as i(execution_id, wait_id, action)),
          locked as materialized (
            select w.wait_id from noetl.wait w where w.wait_id = any(array(select wait_id from i))
             order by w.wait_id for update of w),
          """);
    }
    if (shape.moved()) {
      sql.append(
              """
              moved as (
                update noetl.execution e
                   set seq = x.seq, status = x.status, current_step = x.current_step,
                       steps_total = x.steps_total, steps_done = x.steps_done,
                       steps_failed = x.steps_failed, steps_running = x.steps_running,
                       error = x.error, result = x.result::json, updated_at = x.at,
                       ended_at = case when x.ended then x.at end
                  from (select *, ?::timestamptz as at from unnest(
                          ?::bigint[], ?::int[], ?::int[], ?::text[], ?::text[], ?::int[], ?::int[],
                          ?::int[], ?::int[], ?::text[], ?::text[], ?::boolean[])
                        as x(execution_id, expected, seq, status, current_step, steps_total,
                             steps_done, steps_failed, steps_running, error, result, ended)) x
                 where e.execution_id = x.execution_id and e.seq = x.expected
                   and e.execution_id = any(?::bigint[])
              """)
          .append(
              shape.changes()
                  ? "   and not exists (select 1 from lost where lost.execution_id ="
                      + " e.execution_id)\n"
                  : "")
          .append(shape.waits() ? "   and (select count(*) from locked) >= 0\n" : "")
          .append("returning e.execution_id),\n");
    }
    if (shape.fresh()) {
      sql.append(
          """
          fresh as (
            insert into noetl.execution (execution_id, tenant_id, catalog_id, path, version, status,
                seq, parent_execution_id, current_step, steps_total, steps_done, steps_failed,
                steps_running, error, result, dedup_key, dedup_digest, forked_root, started_at,
                updated_at, ended_at)
            select x.execution_id, x.tenant_id, x.catalog_id, x.path, x.version, x.status, x.seq,
                   x.parent_execution_id, x.current_step, x.steps_total, x.steps_done,
                   x.steps_failed, x.steps_running, x.error, x.result::json, x.dedup_key,
                   x.dedup_digest, x.forked_root, x.at, x.at, case when x.ended then x.at end
              from (select *, ?::timestamptz as at from unnest(
                      ?::bigint[], ?::text[], ?::bigint[], ?::text[], ?::int[], ?::text[], ?::int[],
                      ?::bigint[], ?::text[], ?::int[], ?::int[], ?::int[], ?::int[], ?::text[],
                      ?::text[], ?::boolean[], ?::text[], ?::text[], ?::bigint[])
                    as x(execution_id, tenant_id, catalog_id, path, version, status, seq,
                         parent_execution_id, current_step, steps_total, steps_done, steps_failed,
                         steps_running, error, result, ended, dedup_key, dedup_digest,
                         forked_root)) x
          """);
      if (shape.waits()) {
        // A child begins only while its parent waits for it.
        sql.append(
            """
             where not exists (select 1 from i where i.execution_id = x.execution_id
                      and i.action in ('BEGIN', 'BOTH')
                      and i.wait_id not in (select wait_id from locked))
            """);
      }
      sql.append(
          """
            on conflict do nothing
            returning execution_id),
          """);
    }
    sql.append("ok as materialized (");
    if (shape.moved()) {
      sql.append("select execution_id from moved");
    }
    if (shape.fresh()) {
      sql.append(shape.moved() ? " union all " : "").append("select execution_id from fresh");
    }
    sql.append("),\n");
    if (shape.changes()) {
      sql.append(
          """
          settled as (
            delete from noetl.command c using s
             where c.command_id = s.command_id and s.action = 'SETTLE'
               and c.command_id = any(array(select command_id from s))
               and s.execution_id in (select execution_id from ok)),
          """);
    }
    if (shape.waits()) {
      sql.append(
          """
          closed as (
            delete from noetl.wait w using i
             where w.wait_id = i.wait_id and i.action = 'CLOSE'
               and w.wait_id = any(array(select wait_id from i))
               and i.execution_id in (select execution_id from ok)),
          answered as (
            update noetl.wait w
               set state = case when i.action = 'BEGIN' and w.until_end then 'WAIT'
                                else 'DELIVER' end,
                   due_at = case when i.action = 'BEGIN' and w.until_end then w.expires_at
                                 else now() + ?::interval end
              from i
             where w.wait_id = i.wait_id and i.action <> 'CLOSE'
               and w.wait_id = any(array(select wait_id from i))
               and i.execution_id in (select execution_id from ok)
               and not exists (select 1 from i c where c.wait_id = i.wait_id
                      and c.action = 'CLOSE' and c.execution_id in (select execution_id from ok))),
          """);
    }
    if (shape.offers()) {
      sql.append(
          """
          offered as (
            update noetl.command c
               set status = case s.action when 'HOLD' then 'PAUSED' else 'PENDING' end,
                   worker_id = null, lease_until = null, publication = c.publication + 1,
                   due_at = case s.action when 'HOLD' then 'infinity' else now() + ?::interval end
              from s
             where c.command_id = s.command_id and s.action in ('OFFER', 'HOLD')
               and c.command_id = any(array(select command_id from s))
               and s.execution_id in (select execution_id from ok)),
          buried as (
            update noetl.command c
               set status = 'DEAD', reason = s.reason, lease_until = null, due_at = 'infinity'
              from s
             where c.command_id = s.command_id and s.action = 'BURY'
               and c.command_id = any(array(select command_id from s))
               and s.execution_id in (select execution_id from ok)),
          """);
    }
    if (shape.pauses()) {
      // Whoever claims at this moment was first, or finds the command paused.
      sql.append(
          """
          stopped as (
            update noetl.command c set status = 'PAUSED', due_at = 'infinity'
              from unnest(?::bigint[]) as p(execution_id)
             where c.execution_id = p.execution_id and c.status = 'PENDING'
               and c.execution_id in (select execution_id from ok)),
          goes_on as (
            update noetl.command c set status = 'PENDING', due_at = now()
              from unnest(?::bigint[]) as p(execution_id)
             where c.execution_id = p.execution_id and c.status = 'PAUSED'
               and c.execution_id in (select execution_id from ok)),
          """);
    }
    if (shape.issued()) {
      sql.append(
          """
          issued as (
            insert into noetl.command (command_id, execution_id, tenant_id, step, visit, iteration,
                tool_kind, pool, status, attempt, max_attempts, fence, worker_id, claimed_at,
                lease_until, due_at, context, created_at)
            select c.command_id, c.execution_id, c.tenant_id, c.step, c.visit, c.iteration,
                   c.tool_kind, c.pool,
                   case when c.worker_id is not null then 'CLAIMED'
                        when c.paused then 'PAUSED' else 'PENDING' end,
                   case when c.worker_id is null then 0 else 1 end, ?,
                   c.fence + case when c.worker_id is null then 0 else 1 end, c.worker_id,
                   case when c.worker_id is not null then now() end,
                   case when c.worker_id is not null then now() + ?::interval end,
                   case when c.worker_id is not null then now() + ?::interval
                        when c.paused then 'infinity' else now() + ?::interval end,
                   c.context::json, now()
              from unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::int[], ?::int[],
                          ?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::bigint[])
                as c(command_id, execution_id, tenant_id, step, visit, iteration, tool_kind, pool,
                     worker_id, context, paused, fence)
             where c.execution_id in (select execution_id from ok)),
          """);
    }
    if (shape.opened()) {
      sql.append(
          """
          opened as (
            insert into noetl.wait (wait_id, execution_id, tenant_id, kind, state, step,
                child_execution_id, until_end, request, expires_at, due_at)
            select o.wait_id, o.execution_id, o.tenant_id, o.kind, o.state, o.step,
                   o.child_execution_id, o.until_end, o.request::json,
                   o.ends,
                   case o.state when 'WAIT' then o.ends else now() + ?::interval end
              from (select *,
                           case when timeout_ms is not null
                                then now() + timeout_ms * interval '1 millisecond'
                                else coalesce(until::timestamptz, 'infinity') end as ends
                      from unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[],
                                  ?::text[], ?::bigint[], ?::boolean[], ?::text[], ?::bigint[],
                                  ?::text[])
                        as o(wait_id, execution_id, tenant_id, kind, state, step,
                             child_execution_id, until_end, request, timeout_ms, until)) o
             where o.execution_id in (select execution_id from ok)),
          """);
    }
    sql.append(
        """
        appended as (
          insert into noetl.event_outbox (execution_id, seq, event_id, event_type, tenant_id,
              hint_pool, payload, created_at)
          select v.execution_id, v.seq, v.event_id, v.event_type, v.tenant_id, v.hint_pool,
                 v.payload::json, ?::timestamptz
            from unnest(?::bigint[], ?::int[], ?::bigint[], ?::text[], ?::text[], ?::text[],
                        ?::text[])
              as v(execution_id, seq, event_id, event_type, tenant_id, hint_pool, payload)
           where v.execution_id in (select execution_id from ok))
        select execution_id from ok
        """);
    return sql.toString();
  }
}
