package io.noetl.api;

import io.noetl.catalog.Catalog;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.query.Executions;
import io.noetl.query.Outbox;
import io.noetl.query.PoolBacklog;
import io.noetl.registry.RuntimeRecord;
import io.noetl.registry.Runtimes;
import io.noetl.upkeep.Connections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Figures of the installation, and its shards. */
final class OperationRoutes implements Resource {
  /** Shards that may be asked about. */
  private static final int MAX_SHARDS = 65_536;

  private final Executions executions;
  private final Catalog catalog;
  private final Runtimes runtimes;
  private final Outbox outbox;
  private final ShardFunction shards;
  private final int shardCount;
  private final Connections connections;
  private final PoolBacklog backlog;

  /**
   * @param shardCount of this installation
   */
  OperationRoutes(
      Executions executions,
      Catalog catalog,
      Runtimes runtimes,
      Outbox outbox,
      ShardFunction shards,
      int shardCount,
      Connections connections,
      PoolBacklog backlog) {
    this.executions = executions;
    this.catalog = catalog;
    this.runtimes = runtimes;
    this.outbox = outbox;
    this.shards = shards;
    this.shardCount = shardCount;
    this.connections = connections;
    this.backlog = backlog;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/dashboard/stats", AccessClass.USER, this::stats)
        .get("/api/pool/status", AccessClass.USER, _ -> connections())
        .get("/api/internal/scaling/{pool}", AccessClass.INTERNAL, this::scaling)
        .get("/api/runtime/shard-info", AccessClass.USER, this::shardInfo)
        .get("/api/internal/outbox/pending-count", AccessClass.INTERNAL, _ -> pending());
  }

  private Reply stats(Call call) {
    Map<ExecutionStatus, Long> counts = executions.counts(call.tenant());
    Map<String, @Nullable Object> stats = new LinkedHashMap<>();
    stats.put("total_executions", counts.values().stream().mapToLong(Long::longValue).sum());
    stats.put("successful_executions", counts.getOrDefault(ExecutionStatus.COMPLETED, 0L));
    stats.put("failed_executions", counts.getOrDefault(ExecutionStatus.FAILED, 0L));
    stats.put("cancelled_executions", counts.getOrDefault(ExecutionStatus.CANCELLED, 0L));
    stats.put(
        "running_executions",
        counts.getOrDefault(ExecutionStatus.RUNNING, 0L)
            + counts.getOrDefault(ExecutionStatus.PAUSED, 0L));
    stats.put("total_playbooks", catalog.playbooks(call.tenant()));
    stats.put("total_workers", runtimes.live(call.tenant(), RuntimeRecord.WORKER_POOL));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "ok");
    out.put("stats", stats);
    return Reply.ok(out);
  }

  private Reply connections() {
    Connections.Figures figures = connections.figures();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("pool_min", figures.min());
    out.put("pool_max", figures.max());
    out.put("pool_size", figures.size());
    out.put("pool_available", figures.available());
    out.put("requests_waiting", figures.waiting());
    out.put("utilization", Math.round(figures.utilization() * 1000) / 1000.0);
    out.put("slots_available", figures.free());
    out.put("status", figures.waiting() > 0 ? "saturated" : "ok");
    return Reply.ok(out);
  }

  private Reply scaling(Call call) {
    String pool = call.path("pool");
    if (!runtimes.settings().knows(pool)) {
      throw Problems.notFound(
              "Expected a pool of "
                  + String.join(", ", runtimes.settings().pools())
                  + ", but got '"
                  + pool
                  + "'")
          .refusal();
    }
    PoolBacklog.Figures figures = backlog.of(pool);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("pool", pool);
    out.put("pending", figures.pending());
    out.put("oldest_pending_seconds", figures.oldestPendingSeconds());
    out.put("in_flight", figures.inFlight());
    return Reply.ok(out);
  }

  private Reply shardInfo(Call call) {
    Long executionId = call.queryId("execution_id");
    if (executionId == null) {
      throw Problems.badRequest("Expected execution_id, but it is missing").refusal();
    }
    int count = call.queryNumber("shard_count", shardCount, 1, MAX_SHARDS);
    Map<String, @Nullable Object> config = new LinkedHashMap<>();
    config.put("shard_count", shardCount);
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(executionId));
    out.put("shard_count", count);
    out.put("shard_index", shards.shardOf(executionId, count));
    out.put("source", call.query("shard_count") == null ? "server" : "request");
    out.put("hash_function", "XxHash64");
    out.put("seed", 0);
    out.put("server_config", config);
    return Reply.ok(out);
  }

  private Reply pending() {
    Outbox.Pending pending = outbox.pending();
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("pending", pending.events());
    out.put("oldest_seconds", pending.oldestSeconds());
    // No event is ever given up: it waits until it is published, however often that fails.
    out.put("quarantined", 0);
    Outbox.Leader leader = outbox.publisher();
    if (leader != null) {
      Map<String, @Nullable Object> shown = new LinkedHashMap<>();
      shown.put("process", leader.process());
      shown.put("address", leader.address());
      shown.put("since", leader.since().toString());
      out.put("publisher", shown);
    }
    return Reply.ok(out);
  }
}
