-- Policies that playbooks compile from a source: a row per part, written when a source is first set.

create table noetl.policy (
  part            text        primary key check (part in ('auth', 'rbac')),
  -- What a person wrote, as JSON; null: the part is off.
  source          text,
  source_version  integer     not null,
  set_by          text        not null,
  set_at          timestamptz not null,
  -- What holds; version grows with every change of it, also when it is taken away.
  document        text,
  version         integer     not null,
  -- The source and the version of the playbook that the document was made from.
  of_source       integer,
  of_compiler     integer,
  compiled_at     timestamptz,
  -- When a compilation last came to this document.
  confirmed_at    timestamptz,
  -- Why the latest compilation came to nothing; null when it came to something.
  error           text,
  failed_at       timestamptz,
  -- The compilation that is under way, and the version of the playbook that the latest one began with.
  execution_id    bigint,
  begun_at        timestamptz,
  tried_source    integer,
  tried_compiler  integer,
  due_at          timestamptz not null
);
