package io.noetl.api;

import io.noetl.catalog.Catalog;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.envelope.Ids;
import io.noetl.query.Executions;
import io.noetl.query.Outbox;
import io.noetl.registry.RuntimeRecord;
import io.noetl.registry.Runtimes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Figures of the installation, its shards, and the contract itself. */
final class OperationRoutes implements Resource {
  /** Shards that may be asked about. */
  private static final int MAX_SHARDS = 65_536;

  private static final String CONTRACT_VERSION = "1";

  private final Executions executions;
  private final Catalog catalog;
  private final Runtimes runtimes;
  private final Outbox outbox;
  private final ShardFunction shards;
  private final int shardCount;
  private final Supplier<Routes> table;

  /**
   * @param shardCount of this installation
   * @param table all routes, once they are collected
   */
  OperationRoutes(
      Executions executions,
      Catalog catalog,
      Runtimes runtimes,
      Outbox outbox,
      ShardFunction shards,
      int shardCount,
      Supplier<Routes> table) {
    this.executions = executions;
    this.catalog = catalog;
    this.runtimes = runtimes;
    this.outbox = outbox;
    this.shards = shards;
    this.shardCount = shardCount;
    this.table = table;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/dashboard/stats", AccessClass.USER, this::stats)
        .get("/api/runtime/contract", AccessClass.OPEN, _ -> contract())
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

  private Reply contract() {
    List<@Nullable Object> routes = new ArrayList<>();
    for (Routes.Route route : table.get().all()) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("method", route.method().text());
      entry.put("path", route.template());
      entry.put("class", route.access().word());
      entry.put("since", CONTRACT_VERSION);
      routes.add(entry);
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("contract_version", CONTRACT_VERSION);
    out.put("summary", routes.size() + " routes");
    out.put("routes", routes);
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
    return Reply.ok(out);
  }
}
