package io.noetl.tool.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Status;
import io.noetl.tool.Calls;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Section 9.13. */
@Timeout(60)
@Rule({"9.13", "21.3"})
class McpExecutorTest {
  private McpServer server;
  private HttpExecutor http;
  private McpExecutor executor;

  @BeforeEach
  void start() throws Exception {
    server = new McpServer();
    http = new HttpExecutor(HttpSettings.DEFAULT);
    executor = new McpExecutor(http, Duration.ofSeconds(30), false);
  }

  @AfterEach
  void stop() {
    executor.close();
    http.close();
    server.close();
  }

  private Outcome run(@Nullable Object input, @Nullable Object... fields)
      throws InterruptedException {
    return runOn(executor, input, fields);
  }

  private static Outcome runOn(
      McpExecutor executor, @Nullable Object input, @Nullable Object... fields)
      throws InterruptedException {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      all.put(String.valueOf(fields[i]), fields[i + 1]);
    }
    return executor.run(Calls.of(ToolKind.MCP, all, input));
  }

  @SuppressWarnings("unchecked") // data of this tool is always a map
  private static Map<Object, Object> data(Outcome outcome) {
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(Status.SUCCESS);
    return (Map<Object, Object>) outcome.data();
  }

  private static void refused(Outcome outcome, String... words) {
    assertThat(outcome.hard()).as("%s", outcome).isTrue();
    assertThat(String.valueOf(outcome.error().get("message"))).contains(words);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/json", "/events", "/plain"})
  @DisplayName("E44: a tool is called, and its text is the step's")
  void aToolIsCalled(String path) throws Exception {
    Map<?, ?> data =
        data(
            run(
                Map.of("ignored", true),
                "endpoint",
                server.url(path),
                "tool",
                "add",
                "arguments",
                Map.of("a", 1L, "b", 2L)));

    assertThat(data.keySet())
        .hasToString(
            "[status, server, endpoint, method, tool, arguments, text, result, initialize]");
    assertThat(data.get("status")).isEqualTo("ok");
    assertThat(data.get("server")).isEqualTo("calculator");
    assertThat(data.get("endpoint")).isEqualTo(server.url(path));
    assertThat(data.get("method")).isEqualTo("tools/call");
    assertThat(data.get("tool")).isEqualTo("add");
    assertThat(data.get("arguments")).isEqualTo(Map.of("a", 1L, "b", 2L));
    assertThat(data.get("text")).isEqualTo("3");
    assertThat(data.get("result"))
        .isEqualTo(Map.of("content", List.of(Map.of("type", "text", "text", "3"))));
    assertThat(((Map<?, ?>) data.get("initialize")).get("protocolVersion")).isEqualTo("2025-03-26");
  }

  @Test
  void theSessionOfTheServerIsKeptAndEnded() throws Exception {
    data(run(Map.of("a", 1L, "b", 1L), "url", server.url("/json"), "tool", "add"));

    assertThat(server.methods())
        .containsExactly("initialize", "notifications/initialized", "tools/call", "DELETE");
    McpServer.Received hello = server.received.getFirst();
    assertThat(hello.headers())
        .containsEntry("accept", "application/json, text/event-stream")
        .containsEntry("content-type", "application/json")
        .doesNotContainKey("mcp-session-id");
    assertThat(((Map<?, ?>) hello.body().get("params")).get("clientInfo"))
        .isEqualTo(Map.of("name", "noetl", "version", "1"));
    assertThat(server.received.subList(1, 4))
        .allSatisfy(
            later ->
                assertThat(later.headers())
                    .containsEntry("mcp-session-id", "s-1")
                    .containsEntry("mcp-protocol-version", "2025-03-26"));
  }

  @Test
  void withoutASessionNothingIsEnded() throws Exception {
    data(run(Map.of("a", 1L, "b", 1L), "url", server.url("/plain"), "tool", "add"));

    assertThat(server.methods())
        .containsExactly("initialize", "notifications/initialized", "tools/call");
  }

  @Test
  void theInputIsWhatTheToolIsGiven() throws Exception {
    Map<?, ?> data =
        data(run(Map.of("a", 20L, "b", 2L), "base_url", server.url("/json"), "tool_name", "add"));

    assertThat(data.get("text")).isEqualTo("22");
    assertThat(data.get("arguments")).isEqualTo(Map.of("a", 20L, "b", 2L));
  }

  @Test
  void otherMethodsAndRawParamsAreSent() throws Exception {
    Map<?, ?> list =
        data(run(Map.of("x", 1L), "endpoint", server.url("/json"), "method", "tools/list"));
    assertThat(((Map<?, ?>) list.get("result")).get("tools"))
        .isEqualTo(List.of(Map.of("name", "add")));
    assertThat(list.get("text")).isEqualTo("");
    assertThat(server.received.get(2).body().get("params")).isEqualTo(Map.of());

    Map<?, ?> raw =
        data(
            run(
                null,
                "endpoint",
                server.url("/json"),
                "params",
                Map.of("name", "add", "arguments", Map.of("a", 4L, "b", 4L)),
                "client_name",
                "me",
                "protocol_version",
                "2025-06-18"));
    assertThat(raw.get("text")).isEqualTo("8");
    assertThat(((Map<?, ?>) raw.get("initialize")).get("protocolVersion")).isEqualTo("2025-06-18");

    Map<?, ?> number =
        data(run(null, "endpoint", server.url("/json"), "action", "number", "server", "mine"));
    assertThat(number.get("result")).isEqualTo(Map.of("value", 42L));
    assertThat(number.get("server")).isEqualTo("mine");
  }

  @Test
  void healthIsAHandshake() throws Exception {
    Map<?, ?> data = data(run(null, "endpoint", server.url("/json"), "method", "health"));

    assertThat(data)
        .isEqualTo(
            Map.of(
                "status",
                "ok",
                "server",
                "calculator",
                "endpoint",
                server.url("/json"),
                "method",
                "health",
                "healthy",
                true,
                "text",
                "ok"));
  }

  @Test
  @DisplayName("E44: an unreachable server is data with status error, and a success")
  void whatTheServerOrTheWayToItDoesWrongIsData() throws Exception {
    Map<?, ?> unreachable = data(run(null, "endpoint", "http://127.0.0.1:1/mcp", "tool", "add"));
    assertThat(unreachable.keySet()).hasToString("[status, server, endpoint, method, error, text]");
    assertThat(unreachable.get("status")).isEqualTo("error");
    assertThat(String.valueOf(unreachable.get("error"))).contains("refused");
    assertThat(unreachable.get("text")).isEqualTo(unreachable.get("error"));

    Map<?, ?> unknown = data(run(null, "endpoint", server.url("/json"), "method", "no/such"));
    assertThat(unknown.get("error")).isEqualTo("Method not found (code -32601)");

    Map<?, ?> locked = data(run(null, "endpoint", server.url("/locked"), "tool", "add"));
    assertThat(locked.get("error")).isEqualTo("HTTP 401 response");

    Map<?, ?> silent = data(run(null, "endpoint", server.url("/silent"), "tool", "add"));
    assertThat(String.valueOf(silent.get("error"))).contains("Expected a reply to initialize");
  }

  @Test
  void whatTheAuthorDoesWrongIsAHardError() throws Exception {
    refused(run(null, "tool", "add"), "missing field 'endpoint'");
    refused(
        run(null, "server", "books", "tool", "add"),
        "missing field 'endpoint'",
        "'books' cannot be looked up");
    refused(run(null, "endpoint", server.url("/json")), "missing field 'tool'");
    refused(run("text", "endpoint", server.url("/json"), "tool", "add"), "a map of arguments");
    refused(run(null, "endpoint", "ftp://x", "tool", "add"), "neither http nor https");
    refused(
        run(null, "endpoint", server.url("/json"), "tool", "add", "auth", "nobody"),
        "Credential alias 'nobody' not found");
    assertThat(server.received).isEmpty();
  }

  @Test
  void internalAddressesStayGuarded() throws Exception {
    try (HttpExecutor guarded =
        new HttpExecutor(HttpSettings.DEFAULT.withDenyInternal(true, Set.of()))) {
      refused(
          runOn(
              new McpExecutor(guarded, Duration.ofSeconds(5), false),
              null,
              "endpoint",
              server.url("/json"),
              "tool",
              "add"),
          "http.deny-internal");
    }
    assertThat(server.received).isEmpty();
  }

  @Test
  @DisplayName("21.3: an error that the provider reports is a soft error only where set so")
  void aReportedErrorFailsOnlyWhereItIsSetSo() throws Exception {
    Map<?, ?> ignored = data(run(null, "endpoint", server.url("/json"), "tool", "break"));
    assertThat(ignored.get("status")).isEqualTo("ok");
    assertThat(ignored.get("text")).isEqualTo("one\ntwo");

    Outcome failed =
        runOn(
            new McpExecutor(http, Duration.ofSeconds(30), true),
            null,
            "endpoint",
            server.url("/json"),
            "tool",
            "break");
    assertThat(failed.status()).isEqualTo(Status.ERROR);
    assertThat(failed.hard()).isFalse();
    assertThat(String.valueOf(failed.error().get("message"))).contains("tools/call", "one\ntwo");
    assertThat(((Map<?, ?>) failed.data()).get("text")).isEqualTo("one\ntwo");
  }

  @Test
  void authenticationAndOwnHeadersAreSentWithEveryMessage() throws Exception {
    data(
        run(
            Map.of("a", 1L, "b", 1L),
            "endpoint",
            server.url("/json"),
            "tool",
            "add",
            "auth",
            Map.of("type", "bearer", "token", "t0k"),
            "headers",
            Map.of("X-Tenant", "acme")));

    assertThat(server.received)
        .hasSize(4)
        .allSatisfy(
            each ->
                assertThat(each.headers())
                    .containsEntry("authorization", "Bearer t0k")
                    .containsEntry("x-tenant", "acme"));
  }
}
