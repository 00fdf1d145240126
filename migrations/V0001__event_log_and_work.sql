-- The log and what is derived from it in the same transaction.
-- Ids are snowflakes made by the application: (unix_ms - 1704067200000) << 22 | machine << 12 | n.
-- Documents are json, not jsonb: the order of keys must survive, because a template may print a map
-- and a replay must print the same; and json keeps \u0000, which a tool may legally return.

-- The log's young end: an event is durable when its row here commits. A row leaves only in the
-- statement that moves it to noetl.event. Insert and delete only, never updated.
create table noetl.event_outbox (
  execution_id bigint      not null,
  seq          integer     not null,
  event_id     bigint      not null,
  event_type   text        not null,
  tenant_id    text        not null,
  -- The pool to which the publisher sends a hint about the command that this event issues.
  hint_pool    text,
  payload      json        not null,
  created_at   timestamptz not null,
  -- The publisher reads what has become visible since its last snapshot; see OutboxReader.
  tx           xid8        not null default pg_current_xact_id(),
  primary key (execution_id, seq)
) with (fillfactor = 100,
        autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_scale_factor = 0.0, autovacuum_vacuum_insert_threshold = 50000,
        autovacuum_vacuum_cost_delay = 0);
create index event_outbox_tx on noetl.event_outbox (tx);

-- The log. One partition per month of the execution's start, so that retention drops partitions and
-- every read of one execution prunes to one.
create table noetl.event (
  execution_id bigint      not null,
  seq          integer     not null,
  event_id     bigint      not null,
  event_type   text        not null,
  tenant_id    text        not null,
  payload      json        not null,
  created_at   timestamptz not null,
  primary key (execution_id, seq)
) partition by range (execution_id);
-- Finds one event by its id alone; ids grow with time, so a block range index is enough.
create index event_event_id on noetl.event using brin (event_id) with (pages_per_range = 16);
create table noetl.event_default partition of noetl.event default;

-- Makes the partitions of this month and of the next ones; called by the migration and, in the
-- background, by servers.
create function noetl.ensure_event_partitions(months_ahead integer) returns integer
language plpgsql as $$
declare
  epoch constant bigint := 1704067200000;
  month timestamptz := date_trunc('month', now() at time zone 'utc') at time zone 'utc';
  upper_month timestamptz;
  name text;
  made integer := 0;
begin
  for i in 0..months_ahead loop
    upper_month := month + interval '1 month';
    name := 'event_p' || to_char(month at time zone 'utc', 'YYYYMM');
    if to_regclass('noetl.' || name) is null then
      execute format(
        'create table noetl.%I partition of noetl.event for values from (%s) to (%s)',
        name,
        ((extract(epoch from month) * 1000)::bigint - epoch) << 22,
        ((extract(epoch from upper_month) * 1000)::bigint - epoch) << 22);
      made := made + 1;
    end if;
    month := upper_month;
  end loop;
  return made;
end $$;
do $$ begin perform noetl.ensure_event_partitions(12); end $$;

-- One row per execution: the version check of every append, and the read model of the API.
create table noetl.execution (
  execution_id        bigint      primary key,
  tenant_id           text        not null,
  catalog_id          bigint      not null,
  path                text        not null,
  version             integer     not null,
  status              text        not null,
  seq                 integer     not null,
  parent_execution_id bigint,
  current_step        text,
  steps_total         integer     not null default 0,
  steps_done          integer     not null default 0,
  steps_failed        integer     not null default 0,
  steps_running       integer     not null default 0,
  error               text,
  result              json,
  dedup_key           text,
  dedup_digest        text,
  started_at          timestamptz not null,
  updated_at          timestamptz not null,
  ended_at            timestamptz
) with (fillfactor = 60);
create index execution_path on noetl.execution (tenant_id, path, execution_id);
create index execution_parent on noetl.execution (parent_execution_id)
  where parent_execution_id is not null;
create index execution_live on noetl.execution (execution_id) where ended_at is null;
create unique index execution_dedup on noetl.execution (tenant_id, dedup_key)
  where dedup_key is not null;

-- Work items: the only truth about who runs what. A settled command leaves the table in the
-- transaction that accepts its report; its history is in the log. Dead ones stay for people to see.
create table noetl.command (
  command_id   bigint      primary key,
  execution_id bigint      not null,
  tenant_id    text        not null,
  step         text        not null,
  visit        integer     not null,
  iteration    integer,
  tool_kind    text        not null,
  pool         text        not null,
  status       text        not null,
  attempt      integer     not null default 0,
  max_attempts integer     not null,
  fence        bigint      not null default 0,
  worker_id    text,
  claimed_at   timestamptz,
  lease_until  timestamptz,
  -- When somebody must look again: hint to repeat while pending, lease to end while claimed.
  due_at       timestamptz not null,
  publication  integer     not null default 0,
  reason       text,
  context      json        not null,
  created_at   timestamptz not null
) with (fillfactor = 70,
        autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_cost_delay = 0);
create index command_execution on noetl.command (execution_id);
create index command_due on noetl.command (due_at);

create table noetl.catalog (
  catalog_id  bigint      primary key,
  tenant_id   text        not null,
  path        text        not null,
  version     integer     not null,
  kind        text        not null,
  name        text        not null,
  content     text        not null,
  digest      text        not null,
  -- Set for kind Plugin: the module that this version runs.
  module_digest text,
  meta        json,
  created_at  timestamptz not null,
  archived_at timestamptz,
  unique (tenant_id, path, version)
);
create index catalog_kind on noetl.catalog (tenant_id, kind, path, version);

create table noetl.plugin_module (
  digest     text        primary key,
  bytes      bytea       not null,
  created_at timestamptz not null
);

-- Live workers, pools and servers.
create table noetl.runtime (
  runtime_id   bigint      primary key,
  tenant_id    text        not null,
  name         text        not null,
  kind         text        not null,
  pool         text,
  uri          text,
  status       text        not null,
  labels       json,
  capabilities json,
  capacity     integer,
  runtime      json,
  hostname     text,
  pid          bigint,
  heartbeat    timestamptz not null,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  unique (tenant_id, kind, name)
);

-- Numbers for snowflakes, one per minting process, under a lease.
create table noetl.machine (
  machine     integer     primary key check (machine between 0 and 1023),
  holder      text        not null,
  lease_until timestamptz not null
);
