-- What plug-ins of a path may do, set by an operator. No row: what every tenant has.
create table noetl.plugin_grant (
  tenant_id  text        not null,
  path       text        not null,
  -- Capability to its terms: {"host_mutate_catalog": {"prefix": "generated/"}}.
  grants     json        not null,
  granted_by text        not null,
  updated_at timestamptz not null,
  primary key (tenant_id, path)
);
