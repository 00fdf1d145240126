-- What executions wait for without holding a worker: one row per open wait, rebuildable from events.
-- A row is written with the event that opens the wait and deleted with the event that ends it.
create table noetl.wait (
  -- Id of the event that opened it; of the terminal event for kind cascade.
  wait_id            bigint      primary key,
  execution_id       bigint      not null,
  tenant_id          text        not null,
  -- child: an execution to be started and awaited. cascade: children that a cancellation still has
  -- to reach.
  kind               text        not null,
  -- START: the child must be started. WAIT: it runs. DELIVER: the parent must hear of it.
  -- CASCADE: children must be cancelled.
  state              text        not null,
  step               text,
  child_execution_id bigint,
  -- Whether the wait is over when the child has started, or when it has ended.
  until_end          boolean     not null default true,
  -- What to start, or why to cancel.
  request            json        not null,
  -- The end of the wait by the database's clock.
  expires_at         timestamptz not null default 'infinity',
  -- When somebody must look again.
  due_at             timestamptz not null,
  created_at         timestamptz not null default now()
) with (fillfactor = 70,
        autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_cost_delay = 0);
create index wait_due on noetl.wait (due_at);
create index wait_execution on noetl.wait (execution_id);
