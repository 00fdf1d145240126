-- Results that are stored while they are made: too large for the memory of a worker or a server.
-- Parts are kept apart and once; a blob of encoding 'parts' says in which order they are the content.

create table noetl.result_upload (
  upload_id    bigint      primary key,
  tenant_id    text        not null,
  execution_id bigint      not null,
  -- Renewed with each part, so that the sweep leaves alone what is on its way.
  touched_at   timestamptz not null
);

create table noetl.result_part (
  upload_id bigint  not null references noetl.result_upload on delete cascade,
  part      integer not null,
  -- Size of the part as it was sent; encoding says how it is kept here.
  bytes     integer not null,
  encoding  text    not null,
  content   bytea   not null,
  primary key (upload_id, part)
);
-- Compressed by the application where that helps.
alter table noetl.result_part alter column content set storage external;

-- The upload whose parts are the content; its blob's content is the order of the parts.
alter table noetl.result_blob add column upload_id bigint;
create index result_blob_upload on noetl.result_blob (upload_id) where upload_id is not null;
