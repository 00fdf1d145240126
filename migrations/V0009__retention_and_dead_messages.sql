-- How long executions are kept after their end, by the beginning of their path; the longest
-- beginning wins. Whatever no rule names is kept as long as retention.days says.
create table noetl.retention_rule (
  tenant_id  text        not null,
  -- '' for everything of the tenant.
  path       text        not null,
  -- 0 = for ever.
  keep_days  integer     not null check (keep_days >= 0),
  set_by     text        not null,
  updated_at timestamptz not null,
  primary key (tenant_id, path)
);

-- How long an execution is kept after its end; null = for ever.
create function noetl.kept_for(tenant text, path_of text, usual interval) returns interval
language sql stable as $$
  select case when r.keep_days is null then usual
              when r.keep_days = 0 then null
              else r.keep_days * interval '1 day' end
    from (select 1) one
    left join lateral (
      select keep_days from noetl.retention_rule
       where tenant_id = tenant and starts_with(path_of, path)
       order by length(path) desc limit 1) r on true
$$;

-- Messages of the bus that can never be handled; kept for people to see, and bounded.
create table noetl.dead_message (
  message_id   bigint      generated always as identity primary key,
  tenant_id    text        not null,
  subject      text        not null,
  -- The beginning of what it said.
  body         text        not null,
  reason       text        not null,
  -- Who could not handle it.
  reporter     text        not null,
  execution_id bigint,
  command_id   bigint,
  created_at   timestamptz not null default now()
);
create index dead_message_tenant on noetl.dead_message (tenant_id, message_id);
