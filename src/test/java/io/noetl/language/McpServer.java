package io.noetl.language;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.noetl.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An MCP server whose every tool answers with the text 3. */
final class McpServer implements AutoCloseable {
  private final HttpServer server;

  McpServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", McpServer::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp";
  }

  private static void answer(HttpExchange exchange) throws IOException {
    Map<String, @Nullable Object> request =
        Json.parseObject(exchange.getRequestBody().readAllBytes());
    Object id = request.get("id");
    if (id == null) {
      exchange.sendResponseHeaders(202, -1);
      exchange.close();
      return;
    }
    Object result =
        "initialize".equals(request.get("method"))
            ? Map.of(
                "protocolVersion", "2025-03-26",
                "capabilities", Map.of(),
                "serverInfo", Map.of("name", "test", "version", "1"))
            : Map.of("content", List.of(Map.of("type", "text", "text", "3")));
    byte[] body = Json.bytes(Map.of("jsonrpc", "2.0", "id", id, "result", result));
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
