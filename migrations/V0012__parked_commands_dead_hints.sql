-- Commands whose work goes on outside, such as a job of a cluster: no worker holds them meanwhile.
-- They are pending, and due when somebody should look again.
alter table noetl.command
  -- What goes on, as the worker that began it has told; null = nothing does.
  add column parked   json,
  -- How it ended, when that was reported before the worker had told what it is.
  add column callback json;

-- Messages about commands that no worker could handle, for people to see.
create table noetl.dead_hint (
  hint_id      bigint      primary key,
  tenant_id    text        not null,
  pool         text        not null,
  subject      text        not null,
  -- What the message said, as far as it can be shown.
  body         text        not null,
  command_id   bigint,
  execution_id bigint,
  worker_id    text        not null,
  reason       text        not null,
  created_at   timestamptz not null default now()
);
