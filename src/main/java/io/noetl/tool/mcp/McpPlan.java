package io.noetl.tool.mcp;

import io.noetl.json.Json;
import io.noetl.playbook.ToolKind;
import io.noetl.tool.Fields;
import io.noetl.tool.InvalidConfig;
import io.noetl.tool.ToolCall;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that is ready to be sent.
 *
 * @param endpoint address of the server
 * @param server what the author calls it; null = nothing
 * @param method of the protocol, or {@code health}
 * @param tool null for methods without one
 * @param arguments of the tool
 * @param params of the request
 * @param hello params of {@code initialize}
 * @param limit for all messages together
 */
record McpPlan(
    String endpoint,
    @Nullable String server,
    String method,
    @Nullable String tool,
    Map<String, @Nullable Object> arguments,
    Map<String, @Nullable Object> params,
    Map<String, @Nullable Object> hello,
    Duration limit) {

  static final String CALL = "tools/call";
  static final String HEALTH = "health";

  private static final String PROTOCOL_VERSION = "2025-03-26";

  /**
   * @param otherwise limit of a call that names none
   * @throws InvalidConfig when a field is missing or cannot be used
   */
  static McpPlan of(ToolCall call, Duration otherwise) {
    Fields fields = new Fields(ToolKind.MCP, call.fields());
    String server = fields.text("server", "name");
    String endpoint = endpoint(fields, server);
    String named = fields.text("method", "action");
    String method = named == null || named.isBlank() ? CALL : named.strip();
    String tool = fields.text("tool", "tool_name");
    if (method.equals(CALL) && fields.first("params") == null && (tool == null || tool.isBlank())) {
      throw InvalidConfig.missing(ToolKind.MCP, "tool");
    }
    Map<String, @Nullable Object> arguments =
        fields.first("arguments") == null ? input(call) : fields.map("arguments");
    return new McpPlan(
        endpoint,
        server,
        method,
        tool,
        arguments,
        params(fields, method, tool, arguments),
        hello(fields),
        limit(call, fields, otherwise));
  }

  boolean health() {
    return method.equals(HEALTH);
  }

  private static String endpoint(Fields fields, @Nullable String server) {
    String endpoint = fields.text("endpoint", "url", "server_url", "base_url");
    if (endpoint != null && !endpoint.isBlank()) {
      return endpoint.strip();
    }
    if (server != null && !server.isBlank()) {
      throw new InvalidConfig(
          "Invalid mcp config: missing field 'endpoint': the catalogue holds no mcp servers, so"
              + " '"
              + server
              + "' cannot be looked up there");
    }
    throw InvalidConfig.missing(ToolKind.MCP, "endpoint");
  }

  private static Map<String, @Nullable Object> params(
      Fields fields,
      String method,
      @Nullable String tool,
      Map<String, @Nullable Object> arguments) {
    if (fields.first("params") != null) {
      return fields.map("params");
    }
    Map<String, @Nullable Object> params = new LinkedHashMap<>();
    if (method.equals(CALL)) {
      params.put("name", tool);
      params.put("arguments", arguments);
    } else if (fields.first("arguments") != null) {
      // Other methods have members of their own; the input of the step is not meant for them.
      params.putAll(arguments);
    }
    return params;
  }

  private static Map<String, @Nullable Object> hello(Fields fields) {
    Map<String, @Nullable Object> client = new LinkedHashMap<>();
    client.put("name", text(fields, "client_name", "noetl"));
    client.put("version", text(fields, "client_version", "1"));
    Map<String, @Nullable Object> hello = new LinkedHashMap<>();
    hello.put("protocolVersion", text(fields, "protocol_version", PROTOCOL_VERSION));
    hello.put("capabilities", fields.map("capabilities"));
    hello.put("clientInfo", client);
    return hello;
  }

  private static String text(Fields fields, String name, String otherwise) {
    String text = fields.text(name);
    return text == null || text.isBlank() ? otherwise : text;
  }

  private static Map<String, @Nullable Object> input(ToolCall call) {
    Map<String, @Nullable Object> input = new LinkedHashMap<>();
    switch (call.input()) {
      case null -> {}
      case Map<?, ?> map -> map.forEach((name, value) -> input.put(String.valueOf(name), value));
      default ->
          throw new InvalidConfig(
              "Invalid mcp config: expected the input to be a map of arguments, but it is "
                  + Json.typeName(call.input()));
    }
    return input;
  }

  private static Duration limit(ToolCall call, Fields fields, Duration otherwise) {
    Duration own = fields.duration("timeout_seconds", "timeout");
    Duration limit = own == null ? otherwise : own;
    Duration above = call.timeout();
    return above != null && above.compareTo(limit) < 0 ? above : limit;
  }
}
