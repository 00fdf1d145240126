package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every refusal has one shape, from every route and from the web server itself. */
class ErrorShapeIT {
  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running = RunningServer.start();
    client = running.client();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static void expect(Client.Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).startsWith("application/json");
    assertThat(answer.body())
        .containsEntry("status", (long) status)
        .containsEntry("code", code)
        .containsEntry("request_id", answer.header("X-Request-Id"))
        .containsEntry("detail", answer.body().get("error"));
    assertThat(answer.text("error")).isNotBlank().doesNotContain("Exception", "select ");
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/api/nothing,404,not_found",
    "GET,/,404,not_found",
    "GET,/api/executions/9223372036854775807,404,not_found",
    "GET,/api/executions/12x,400,bad_id",
    "GET,/api/executions/-5,400,bad_id",
    "GET,/api/executions/1.5,400,bad_id",
    "GET,/api/executions/12345678901234567890,400,bad_id",
    "GET,/api/executions/1/events?since_event_id=1e3,400,bad_id",
    "GET,/api/executions?limit=many,400,bad_request",
    "GET,/api/executions?status=strange,400,bad_request",
    "GET,/api/executions?since=yesterday,400,bad_request",
    "GET,/api/executions?cursor=nonsense,400,bad_cursor",
    "GET,/api/commands/5,404,not_found",
    "GET,/api/commands/heartbeat,405,method_not_allowed",
    "DELETE,/api/execute,405,method_not_allowed",
    "GET,/api/plugins/no/such,404,not_found",
    "GET,/api/runtime/shard-info,400,bad_request"
  })
  void refusesWithStatusAndCode(String method, String path, int status, String code) {
    Client.Answer answer = client.send(method, path, null);
    if (path.contains("since_event_id")) {
      // The execution is looked up first.
      assertThat(answer.status()).isIn(400, 404);
      return;
    }
    expect(answer, status, code);
  }

  @Test
  void namesTheAllowedMethods() {
    Client.Answer answer = client.get("/api/catalog/register");

    expect(answer, 405, "method_not_allowed");
    assertThat(answer.header("Allow")).isEqualTo("POST");
    assertThat(client.send("PUT", "/api/catalog/resource", null).header("Allow"))
        .isEqualTo("GET, POST");
  }

  @Test
  void refusesBodiesThatAreNotOneJsonObject() {
    expect(client.post("/api/execute", "{\"path\": "), 400, "bad_json");
    expect(client.post("/api/execute", ""), 400, "bad_json");
    expect(client.post("/api/execute", "[1]"), 400, "bad_json");
    expect(client.post("/api/execute", "{} {}"), 400, "bad_json");
    assertThat(client.post("/api/execute", "{\"path\": oops}").text("error"))
        .contains("line 1, column");
  }

  @Test
  void saysWhichMemberIsWrong() {
    Client.Answer answer = client.post("/api/execute", "{\"path\": 5}");

    expect(answer, 422, "invalid");
    assertThat(answer.text("errors.0.path")).isEqualTo("path");
  }

  @Test
  void echoesSaneRequestIdsAndContinuesTraces() {
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    Client.Answer answer = client.get("/health", "X-Request-Id", "my-id.1", "traceparent", trace);

    assertThat(answer.header("X-Request-Id")).isEqualTo("my-id.1");
    assertThat(answer.header("traceparent")).isEqualTo(trace);
    Client.Answer odd = client.get("/health", "X-Request-Id", "a b<c>", "traceparent", "x");
    assertThat(odd.header("X-Request-Id")).matches("\\d+");
    assertThat(odd.header("traceparent")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /health HTTP/1.1\r\n\r\n",
        "POST /api/catalog/list HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
      })
  void answersInTheSameShapeToWhatIsNoRequest(String request) throws IOException {
    String reply = exchange(request);

    assertThat(reply).startsWith("HTTP/1.1 400").contains("\"code\":\"bad_request\"");
  }

  @Test
  void closesTheConnectionWhenItSaysSo() throws IOException {
    assertThat(exchange("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200")
        .endsWith("{\"status\":\"ok\"}");
    String refused =
        exchange("POST /api/execute HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{}");
    assertThat(refused).startsWith("HTTP/1.1 413").contains("limits.execute-body");
  }

  /** Everything that comes until the server closes the connection. */
  private static String exchange(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", running.server().server.port())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"path\":\"a\\u0000b\"}", "{\"path\":\"x\",\"execution_pool\":\"\\u0000\"}"})
  void refusesTextThatTheDatabaseCannotHold(String body) {
    Client.Answer answer = client.post("/api/execute", body);

    assertThat(answer.status()).isIn(404, 422);
    assertThat(client.get("/api/plugins/a%00b").status()).isEqualTo(400);
    assertThat(client.get("/api/executions?path=a%00b").status()).isEqualTo(400);
  }

  @Test
  void refusesWhatIsNestedTooDeep() {
    String deep = "{\"path\":\"x\",\"payload\":{\"a\":%s1%s}}";

    expect(
        client.post("/api/execute", deep.formatted("[".repeat(398), "]".repeat(398))),
        404,
        "not_found");
    expect(
        client.post("/api/execute", deep.formatted("[".repeat(399), "]".repeat(399))),
        400,
        "bad_json");
  }

  @Test
  void letsPagesOfConfiguredOriginsCall() {
    Client.Answer answer = client.get("/health", "Origin", "http://page.example");
    assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");

    Client.Answer preflight =
        client.send(
            "OPTIONS",
            "/api/execute",
            null,
            "Origin",
            "http://page.example",
            "Access-Control-Request-Method",
            "POST");
    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.header("Access-Control-Allow-Methods")).contains("POST");
    assertThat(preflight.header("X-Request-Id")).isNotBlank();
  }
}
