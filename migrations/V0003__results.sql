-- Data too large for an event. Content once per tenant and digest; a row of noetl.result for every
-- name under which somebody stored it.

create table noetl.result_blob (
  tenant_id  text        not null,
  sha        bytea       not null,
  -- Size of the content as stored by its owner; encoding says how it is kept here.
  bytes      bigint      not null,
  encoding   text        not null,
  content    bytea       not null,
  -- Renewed by everybody who stores the same content again, so that the sweep leaves it alone.
  touched_at timestamptz not null,
  primary key (tenant_id, sha)
);
-- Compressed by the application where that helps.
alter table noetl.result_blob alter column content set storage external;

create table noetl.result (
  result_id    bigint      primary key,
  execution_id bigint      not null,
  tenant_id    text        not null,
  name         text        not null,
  source_step  text,
  command_id   bigint,
  attempt      integer,
  scope        text        not null,
  store        text        not null,
  media_type   text        not null,
  bytes        bigint      not null,
  -- Null once its time is over: the row stays to say so.
  sha          bytea,
  -- What is kept beside the reference: type, keys, extracted, preview, correlation.
  meta         json        not null,
  created_at   timestamptz not null,
  expires_at   timestamptz
);
create unique index result_once on noetl.result (execution_id, name, command_id, attempt)
  where command_id is not null;
create index result_execution on noetl.result (execution_id, result_id);
create index result_sha on noetl.result (tenant_id, sha) where sha is not null;
create index result_expiry on noetl.result (expires_at)
  where expires_at is not null and sha is not null;
