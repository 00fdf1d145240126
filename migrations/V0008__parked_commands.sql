-- Commands whose work goes on outside, such as a job of a cluster: no worker holds them meanwhile.
-- They are pending, and due when somebody should look again.
alter table noetl.command
  -- What goes on, as the worker that began it has told; null = nothing does.
  add column parked   json,
  -- How it ended, when that was reported before the worker had told what it is.
  add column callback json;
