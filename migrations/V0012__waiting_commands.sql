-- Whose commands wait for a worker, per pool: claims take turns between tenants. Only commands that nobody has held yet,
-- which any worker of the pool may take now; one that was given back or put aside has a time of its own.
create index command_waiting on noetl.command (pool, tenant_id, command_id)
  where status = 'PENDING' and fence = 0 and parked is null;
