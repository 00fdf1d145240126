package io.noetl.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.json.Json;
import io.noetl.language.LanguageExample.Case;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.testing.TestClient;
import io.noetl.testing.TestPostgres;
import io.noetl.tool.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every example of the language runs on a server with every role, and every step of it comes to
 * what the example says. Text {@code ${T}} in a payload is the address of a test server, {@code
 * ${NOBODY}} one where nobody listens.
 */
class LanguageExamplesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Set<String> ENDS =
      Set.of("call.done", "call.error", "command.failed", "step.exit");

  @TempDir private static Path folder;
  private static EmbeddedRuntime runtime;
  private static TestClient client;
  private static DatabaseConfig pg;
  private static NatsServer nats;
  private static McpServer mcp;

  @BeforeAll
  static void start() throws Exception {
    pg = TestPostgres.empty();
    nats = NatsServers.start();
    mcp = new McpServer();
    runtime = new Wiring().embedded();
    Map<String, String> settings =
        Map.of(
            "server.port", "0",
            "data.folder", folder.toString(),
            "bus.mode", "memory",
            "bus.url", "",
            "database.host", "");
    client =
        new TestClient(
            runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString());
    client.plugin("spec/upper", "upper");
    credential(
        "pg",
        "postgres",
        Map.of(
            "db_host", pg.host(),
            "db_port", pg.port(),
            "db_user", pg.user(),
            "db_password", pg.password().reveal(),
            "db_name", pg.name()));
    credential("svc_store", "generic", Map.of("api_key", "k1-secret-value"));
    credential("tok", "bearer", Map.of("token", "t1-secret-value"));
    io.nats.client.Connection connection = io.nats.client.Nats.connect(nats.url());
    try {
      connection
          .keyValueManagement()
          .create(io.nats.client.api.KeyValueConfiguration.builder().name("b").build());
    } finally {
      connection.close();
    }
  }

  private static void credential(String name, String type, Map<String, ?> data) throws IOException {
    client.post("/api/credentials", Map.of("name", name, "type", type, "data", data)).ok();
  }

  @AfterAll
  static void stop() {
    runtime.close();
    mcp.close();
    nats.close();
  }

  @TestFactory
  Stream<DynamicTest> comesToWhatItSays() {
    return LanguageExample.all().stream().flatMap(LanguageExamplesIT::tests);
  }

  private static Stream<DynamicTest> tests(LanguageExample example) {
    String name = String.join(" ", example.rules()) + ": " + example.about();
    if (example.refused() != null) {
      return Stream.of(DynamicTest.dynamicTest(name, () -> refused(example, example.refused())));
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (Case one : example.cases()) {
      String with = one.payload().isEmpty() ? "" : " with " + Json.text(one.payload());
      tests.add(DynamicTest.dynamicTest(name + with, () -> check(example, one)));
    }
    assertThat(tests).as("cases of %s", name).isNotEmpty();
    return tests.stream();
  }

  private static void refused(LanguageExample example, LanguageExample.Refusal refusal)
      throws IOException {
    TestClient.Answer answer =
        client.post("/api/catalog/register", Map.of("content", example.text()));

    assertThat(answer.status()).as(answer.text()).isEqualTo(refusal.status());
    assertThat(answer.text()).contains(refusal.message());
  }

  private static void check(LanguageExample example, Case expected)
      throws IOException, SQLException {
    for (String other : example.others()) {
      client.register(other);
    }
    client.register(example.text());
    for (String statement : example.sql()) {
      try (Connection connection =
              DriverManager.getConnection(pg.jdbcUrl(), pg.user(), pg.password().reveal());
          Statement sql = connection.createStatement()) {
        sql.execute(statement);
      }
    }
    try (TestServer service = new TestServer()) {
      long began = System.nanoTime();
      String id = client.execute(example.path(), payload(expected, service));
      Map<String, @Nullable Object> ended = client.ended(id, PATIENCE);
      Run run = new Run(client.events(id));
      String log = ended + "\n" + run;

      assertThat(ended.get("status")).as(log).isEqualTo(expected.status());
      if (expected.error() != null) {
        assertThat(String.valueOf(ended.get("error"))).as(log).contains(expected.error());
      }
      if (expected.result() != null) {
        assertThat(ended.get("result")).as(log).isEqualTo(expected.result());
      }
      expected.steps().forEach((step, data) -> assertHas(log, step, run.data(step), data));
      expected.errors().forEach((step, error) -> assertHas(log, step, run.error(step), error));
      expected
          .without()
          .forEach(
              (step, members) -> {
                List<Object> names = new ArrayList<>(((Map<?, ?>) run.data(step)).keySet());
                assertThat(names).as(log).doesNotContainAnyElementsOf((List<?>) members);
              });
      expected
          .sent()
          .forEach((name, value) -> assertThat(service.header(name)).as(log).isEqualTo(value));
      for (Object text : expected.hidden()) {
        assertThat(log).doesNotContain(String.valueOf(text));
      }
      for (Object step : expected.absent()) {
        assertThat(run.runs(step.toString())).as("runs of %s: %s", step, log).isZero();
      }
      expected
          .runs()
          .forEach(
              (step, runs) ->
                  assertThat((long) run.runs(step))
                      .as("runs of %s: %s", step, log)
                      .isEqualTo(runs));
      assertThat((System.nanoTime() - began) / 1_000_000)
          .as(log)
          .isGreaterThanOrEqualTo(expected.atLeastMs());
    }
  }

  /** A map must have the members that are expected; other data must be equal. */
  private static void assertHas(
      String log, String step, @Nullable Object actual, @Nullable Object expected) {
    if (actual instanceof Map<?, ?> map
        && expected instanceof Map<?, ?> wanted
        && !wanted.isEmpty()) {
      Map<Object, @Nullable Object> shown = new LinkedHashMap<>(map);
      shown.keySet().retainAll(wanted.keySet());
      assertThat(shown).as("%s in %s", step, log).isEqualTo(wanted);
    } else {
      assertThat(actual).as("%s in %s", step, log).isEqualTo(expected);
    }
  }

  private static Map<String, @Nullable Object> payload(Case expected, TestServer service)
      throws IOException {
    return Json.parseObject(
        Json.text(expected.payload())
            .replace("${T}", service.url(""))
            .replace("${NATS}", nats.url())
            .replace("${MCP}", mcp.url())
            .replace("${NOBODY}", nobody()));
  }

  private static String nobody() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }
  }

  /** What the events of an execution say about its steps. */
  private record Run(List<Map<String, @Nullable Object>> events) {

    int runs(String step) {
      return (int) ends(step).count();
    }

    @Nullable Object data(String step) {
      return result(step).get("data");
    }

    @Nullable Object error(String step) {
      return result(step).get("error_object");
    }

    private Map<?, ?> result(String step) {
      Map<String, @Nullable Object> event =
          ends(step)
              .reduce((_, last) -> last)
              .orElseThrow(() -> new AssertionError("step " + step + " has not run: " + this));
      Object result = event.get("result");
      Object context = result instanceof Map<?, ?> map ? map.get("context") : null;
      return context instanceof Map<?, ?> map ? map : Map.of();
    }

    private Stream<Map<String, @Nullable Object>> ends(String step) {
      return events.stream()
          .filter(event -> step.equals(event.get("step")))
          .filter(event -> ENDS.contains(String.valueOf(event.get("event_type"))));
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      events.forEach(event -> text.append(Json.text(event)).append('\n'));
      return text.toString();
    }
  }
}
