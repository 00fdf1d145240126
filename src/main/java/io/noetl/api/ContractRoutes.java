package io.noetl.api;

import io.noetl.api.Routes.Route;
import io.noetl.envelope.EventType;
import io.noetl.envelope.ExecutionStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this server offers, for programs that ask: the list of routes, and the whole description.
 */
final class ContractRoutes implements Resource {
  private static final String CONTRACT_VERSION = "1";

  /** What tools call an operation, and the route that does it. */
  private static final Map<String, String> OPERATIONS =
      Map.ofEntries(
          Map.entry("register", "POST /api/catalog/register"),
          Map.entry("validate", "POST /api/catalog/validate"),
          Map.entry("list", "POST /api/catalog/list"),
          Map.entry("get", "GET /api/catalog/resource"),
          Map.entry("execute", "POST /api/execute"),
          Map.entry("status", "GET /api/executions/{id}/status"),
          Map.entry("events", "GET /api/executions/{id}/events"),
          Map.entry("cancel", "POST /api/executions/{id}/cancel"),
          Map.entry("diagnose", "GET /api/executions/{id}/diagnose"),
          Map.entry("replay", "GET /api/replay/state"));

  private final BuildInfo build;
  private final Supplier<Routes> table;

  /**
   * @param table all routes, once they are collected
   */
  ContractRoutes(BuildInfo build, Supplier<Routes> table) {
    this.build = build;
    this.table = table;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .get("/api/runtime/contract", AccessClass.OPEN, _ -> contract())
        .get("/api/openapi.json", AccessClass.OPEN, _ -> openApi())
        .get("/openapi.json", AccessClass.OPEN, _ -> openApi());
  }

  private Reply openApi() {
    return Reply.ok(OpenApi.document(table.get().all(), build.version()));
  }

  private Reply contract() {
    List<@Nullable Object> routes = new ArrayList<>();
    for (Route route : table.get().all()) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("method", route.method().text());
      entry.put("path", route.template());
      entry.put("class", route.access().word());
      entry.put("since", CONTRACT_VERSION);
      routes.add(entry);
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("contract_version", CONTRACT_VERSION);
    out.put("gateway_version", build.version());
    out.put("summary", routes.size() + " routes");
    out.put("routes", routes);
    out.put("execution_contract", execution());
    out.put("agent_contract", agent());
    out.put("proxy_contract", proxy());
    out.put("cli_operation_mapping", operations());
    return Reply.ok(out);
  }

  private static Map<String, @Nullable Object> execution() {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("start", "POST /api/execute");
    out.put("status", "GET /api/executions/{id}/status");
    out.put("events", "GET /api/executions/{id}/events");
    out.put("statuses", Arrays.stream(ExecutionStatus.values()).map(Enum::name).toList());
    out.put(
        "terminal_statuses",
        Arrays.stream(ExecutionStatus.values())
            .filter(ExecutionStatus::terminal)
            .map(Enum::name)
            .toList());
    out.put(
        "terminal_events",
        List.of(
            EventType.PLAYBOOK_COMPLETED, EventType.PLAYBOOK_FAILED, EventType.PLAYBOOK_CANCELLED));
    out.put("completion_inferred", false);
    return out;
  }

  private static Map<String, @Nullable Object> agent() {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("register", "POST /api/worker/pool/register");
    out.put("heartbeat", "POST /api/worker/pool/heartbeat");
    out.put("claim", "POST /api/commands/{id}/claim");
    out.put("extend", "POST /api/commands/heartbeat");
    out.put("release", "POST /api/commands/{id}/release");
    out.put("report", "POST /api/events");
    out.put("discover", "POST /api/catalog/list with agent_only");
    return out;
  }

  /** What somebody in between must pass on as it is. */
  private static Map<String, @Nullable Object> proxy() {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("request_id_header", "X-Request-Id");
    out.put("trace_header", "traceparent");
    out.put("idempotency_header", "Idempotency-Key");
    out.put("cursor_header", "X-Next-Cursor");
    out.put("stream_media_type", "text/event-stream");
    out.put("stream_resume_header", "Last-Event-ID");
    return out;
  }

  private static Map<String, @Nullable Object> operations() {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    OPERATIONS.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> out.put(entry.getKey(), entry.getValue()));
    return out;
  }
}
