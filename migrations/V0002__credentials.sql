-- Secrets, sealed. Each version of a secret has a random key of its own (wrapped_key), which is
-- encrypted under the key-encryption key that key_id names; that one is never in the database.
-- The associated data of both encryptions is tenant|name|version, so a row that was changed or
-- copied to another name cannot be opened. Only the latest version is kept.

create table noetl.credential (
  credential_id bigint      primary key,
  tenant_id     text        not null,
  name          text        not null,
  type          text        not null,
  -- A new one with each write.
  version       bigint      not null,
  key_id        text        not null,
  wrapped_key   bytea       not null,
  sealed        bytea       not null,
  meta          json,
  tags          json,
  description   text,
  schema        json,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  unique (tenant_id, name)
);

-- Tokens and other short-lived values that workers put by for each other.
create table noetl.keychain_entry (
  tenant_id           text        not null,
  -- name:catalog_id:global, name:catalog_id:shared[:execution_id] or name:catalog_id:execution_id
  cache_key           text        not null,
  catalog_id          bigint      not null,
  name                text        not null,
  scope_type          text        not null,
  execution_id        bigint,
  parent_execution_id bigint,
  credential_type     text,
  cache_type          text,
  auto_renew          boolean     not null,
  version             bigint      not null,
  key_id              text        not null,
  wrapped_key         bytea       not null,
  sealed              bytea       not null,
  expires_at          timestamptz,
  access_count        bigint      not null default 0,
  accessed_at         timestamptz,
  created_at          timestamptz not null default now(),
  updated_at          timestamptz not null default now(),
  primary key (tenant_id, cache_key)
);
create index keychain_entry_catalog on noetl.keychain_entry (catalog_id);
create index keychain_entry_expires on noetl.keychain_entry (expires_at) where expires_at is not null;
