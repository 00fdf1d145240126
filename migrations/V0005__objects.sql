-- Opaque bytes that other programs keep here under a key; the last write wins.
create table noetl.stored_object (
  tenant_id  text        not null,
  key        text        not null,
  sha256     text        not null,
  media_type text        not null,
  bytes      bytea       not null,
  stored_at  timestamptz not null,
  primary key (tenant_id, key)
);
-- The bytes are compressed by whoever sends them, or not at all.
alter table noetl.stored_object alter column bytes set storage external;
