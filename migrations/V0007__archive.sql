-- Finished executions whose events stand in a file of the archive, and no longer in the log. The
-- row stays: it is what lists and searches read.
alter table noetl.execution
  add column archived_at timestamptz,
  -- When the events were last brought back to be read; they leave again some time later.
  add column recalled_at timestamptz;
create index execution_recalled on noetl.execution (recalled_at) where recalled_at is not null;
