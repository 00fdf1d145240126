package io.noetl.tool.mcp;

import io.noetl.json.JsonException;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.http.HttpExecutor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Sends one request to a Model Context Protocol server. */
public final class McpExecutor implements ToolExecutor {
  private final HttpExecutor http;
  private final Duration timeout;
  private final boolean failOnResultErrors;

  /**
   * @param http carries the messages; not closed by this executor
   * @param timeout limit of a call that names none
   * @param failOnResultErrors {@code mcp.result-errors}: whether a result that the provider marks
   *     as an error is a soft error
   */
  public McpExecutor(HttpExecutor http, Duration timeout, boolean failOnResultErrors) {
    this.http = http;
    this.timeout = timeout;
    this.failOnResultErrors = failOnResultErrors;
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    try {
      return answered(call, McpPlan.of(call, timeout));
    } catch (InvalidConfig e) {
      return Outcome.hard(Errors.configuration(String.valueOf(e.getMessage())));
    } catch (JsonException e) {
      return Outcome.hard(Errors.configuration("The request cannot be sent: " + e.getMessage()));
    } catch (McpSession.Refused e) {
      return e.outcome();
    }
  }

  private Outcome answered(ToolCall call, McpPlan plan) throws InterruptedException {
    McpSession session = new McpSession(http, call, plan);
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("status", "ok");
    data.put("server", plan.server());
    data.put("endpoint", shown(plan.endpoint()));
    data.put("method", plan.method());
    try {
      Map<String, @Nullable Object> hello = session.initialize();
      if (plan.server() == null
          && hello.get("serverInfo") instanceof Map<?, ?> info
          && info.get("name") instanceof String name) {
        data.put("server", name);
      }
      if (plan.health()) {
        data.put("healthy", true);
        data.put("text", "ok");
        session.end();
        return Outcome.success(data);
      }
      Map<String, @Nullable Object> result = session.request();
      session.end();
      return outcome(plan, data, result, hello);
    } catch (McpFault e) {
      data.put("status", "error");
      data.put("error", e.getMessage());
      data.put("text", e.getMessage());
      return Outcome.success(data);
    }
  }

  private Outcome outcome(
      McpPlan plan,
      Map<String, @Nullable Object> data,
      Map<String, @Nullable Object> result,
      Map<String, @Nullable Object> hello) {
    String text = text(result);
    data.put("tool", plan.tool());
    data.put("arguments", plan.arguments());
    data.put("text", text);
    data.put("result", result);
    data.put("initialize", hello);
    if (failOnResultErrors && Boolean.TRUE.equals(result.get("isError"))) {
      return Outcome.soft(
          data,
          Errors.of(
              "mcp",
              "MCP_RESULT_ERROR",
              "The server reports an error of " + plan.method() + ": " + text,
              false));
    }
    return Outcome.success(data);
  }

  private static String text(Map<String, @Nullable Object> result) {
    if (!(result.get("content") instanceof List<?> parts)) {
      return "";
    }
    return parts.stream()
        .map(part -> part instanceof Map<?, ?> map ? map.get("text") : null)
        .filter(Objects::nonNull)
        .map(String::valueOf)
        .collect(Collectors.joining("\n"));
  }

  /** The address without a user and password in it, and without its query. */
  private static String shown(String endpoint) {
    return endpoint.replaceAll("://[^/@]*@", "://").replaceAll("[?#].*", "");
  }

  /** Nothing to release: the connections belong to the http tool. */
  @Override
  public void close() {}
}
