-- Schedules are documents of the catalog; here is how far each has come. Rows are made, and
-- replaced with a new version, from the catalog.
create table noetl.schedule (
  tenant_id  text        not null,
  path       text        not null,
  -- The version that the row was made from.
  catalog_id bigint      not null,
  version    integer     not null,
  enabled    boolean     not null,
  -- Every fire time up to here has been dealt with.
  done_until timestamptz not null,
  -- The first fire time after it; null = none, or disabled.
  next_at    timestamptz,
  -- When somebody must look again, by the database's clock.
  due_at     timestamptz not null,
  -- Why the document cannot be read by this version of the server.
  error      text,
  primary key (tenant_id, path)
);
create index schedule_due on noetl.schedule (due_at);

-- One row per fire time: the key is what makes a time fire once. The id of the execution is minted
-- with the row, so that starting it twice is starting it once.
create table noetl.schedule_fire (
  tenant_id    text        not null,
  path         text        not null,
  fire_at      timestamptz not null,
  execution_id bigint      not null,
  -- CLAIMED: to be started. QUEUED: when the one before has ended. STARTED, SKIPPED, REFUSED: done.
  state        text        not null,
  reason       text,
  backfill     boolean     not null default false,
  created_at   timestamptz not null default now(),
  primary key (tenant_id, path, fire_at)
);

-- Schedules among all documents, which may be many.
create index catalog_schedules on noetl.catalog (tenant_id, path, version) where kind = 'Schedule';

-- The first execution of a family of forks; null = no fork. Its data is kept while a fork runs.
alter table noetl.execution add column forked_root bigint;
create index execution_forked on noetl.execution (forked_root) where forked_root is not null;
