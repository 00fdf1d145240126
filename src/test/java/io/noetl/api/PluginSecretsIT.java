package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.DatabaseConfig;
import io.noetl.json.Json;
import io.noetl.mode.Admission;
import io.noetl.playbook.value.Outcome;
import io.noetl.pool.PluginBench;
import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import io.noetl.wasm.AskingPlugin;
import io.noetl.wasm.LeakingPlugin;
import io.noetl.wasm.PluginLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials and SQL of plug-ins: what a grant gives, and what of it is seen afterwards. */
class PluginSecretsIT {
  private static final String SECRET = "planted-plugin-key-4e1";
  private static final PluginLimits LIMITS =
      PluginLimits.defaults(4, 1L << 30).withHostCall(Duration.ofSeconds(4));

  @TempDir private static Path recordings;
  private static Database database;
  private static DatabaseConfig orders;
  private static ServerParts server;
  private static Client client;
  private static PluginBench pool;
  private static String execution;
  private static int plugins;

  @BeforeAll
  static void start() throws Exception {
    database = TestPostgres.open();
    orders = TestPostgres.empty();
    try (Connection connection =
            DriverManager.getConnection(
                orders.jdbcUrl(), orders.user(), orders.password().reveal());
        Statement statement = connection.createStatement()) {
      statement.execute(
          "do $$ begin if not exists (select from pg_roles where rolname = 'plugin_reader') then"
              + " create role plugin_reader login password 'planted-db-word'; end if; end $$");
      statement.execute("create table orders (id int, total numeric)");
      statement.execute("insert into orders values (1, 2.5), (2, 7)");
      statement.execute("grant select on orders to plugin_reader");
    }
    server =
        new ServerParts(
            database,
            1,
            ServerParts.config(ApiLimits.DEFAULT),
            new OpenAccess(ServerParts.INTERNAL_TOKEN),
            Admission.of(LIMITS));
    client = server.client();
    pool =
        new PluginBench(server.url(), ServerParts.INTERNAL_TOKEN, LIMITS, Optional.of(recordings));
    client
        .post(
            "/api/catalog/register",
            Map.of(
                "content",
                """
                apiVersion: noetl.io/v2
                kind: Playbook
                metadata: {name: own, path: test/own}
                workflow:
                  - step: start
                    tool: {kind: python, code: "result = 1"}
                """))
        .ok();
    execution = client.post("/api/execute", "{\"path\":\"test/own\"}").ok().text("execution_id");
    credential("mail", "generic", Map.of("token", SECRET));
    credential("other", "generic", Map.of("token", "never-handed-out"));
    credential(
        "orders",
        "postgres",
        Map.of(
            "db_host", orders.host(),
            "db_port", orders.port(),
            "db_user", "plugin_reader",
            "db_password", "planted-db-word",
            "db_name", orders.name()));
    credential("nowhere", "bearer", Map.of("token", "planted-bearer"));
  }

  @AfterAll
  static void stop() {
    pool.close();
    server.close();
    database.close();
  }

  private static void credential(String name, String type, Map<String, ?> data) {
    client
        .post("/api/credentials", Json.text(Map.of("name", name, "type", type, "data", data)))
        .ok();
  }

  private static void grant(String path, String grants) {
    client
        .post(
            "/api/internal/plugin-grants/" + path, "{\"grants\":" + grants.replace('\'', '"') + "}")
        .ok();
  }

  /** Registers the module under a path of its own, with these grants. */
  private static String plugin(byte[] module, String grants) {
    String path = "acme/secrets-" + ++plugins;
    grant(path, grants);
    Client.Answer registered =
        client.send("POST", "/api/plugins/" + path, module, "Content-Type", "application/wasm");
    assertThat(registered.status()).as(registered.text()).isEqualTo(201);
    return path;
  }

  private static Outcome ask(String capability, String grants, String request) throws Exception {
    return pool.run(
        execution, plugin(AskingPlugin.of(capability, request.replace('\'', '"')), grants));
  }

  private static @Nullable Object code(Outcome outcome) {
    assertThat(outcome.error()).isNull();
    return ((Map<?, ?>) outcome.data()).get("code");
  }

  private static List<Map<?, ?>> audits(String path) {
    List<?> events =
        (List<?>)
            client
                .get("/api/executions/" + execution + "/events?page_size=500")
                .ok()
                .body()
                .get("events");
    return events.stream()
        .map(event -> (Map<?, ?>) event)
        .filter(event -> "capability.called".equals(event.get("event_type")))
        .<Map<?, ?>>map(event -> (Map<?, ?>) event.get("context"))
        .filter(context -> path.equals(context.get("plugin")))
        .toList();
  }

  @Test
  void aGrantedCredentialIsGivenAndShownToNobodyElse() throws Exception {
    Outcome outcome =
        ask("host_get_credential", "{'host_get_credential':{'names':['mail']}}", "{'name':'mail'}");

    assertThat(outcome.data())
        .isEqualTo(Map.of("name", "mail", "data", Map.of("token", "[REDACTED]")));
  }

  @Test
  void aNameThatIsNotExactlyInTheGrantIsDenied() throws Exception {
    String grant = "{'host_get_credential':{'names':['mail','gone','*']}}";

    for (String name :
        List.of("other", "Mail", "MAIL", "mail ", "mai*", "*", "mail/x", "../mail", "mail%", "")) {
      assertThat(code(ask("host_get_credential", grant, "{'name':'" + name + "'}")))
          .as(name)
          .isIn("DENIED", name.isEmpty() ? "BAD_REQUEST" : "DENIED");
    }
    assertThat(code(ask("host_get_credential", grant, "{'name':'gone'}"))).isEqualTo("NOT_FOUND");
    String id = client.get("/api/credentials/other").ok().text("id");
    assertThat(
            code(
                ask(
                    "host_get_credential",
                    "{'host_get_credential':{'names':['" + id + "']}}",
                    "{'name':'" + id + "'}")))
        .isEqualTo("NOT_FOUND");
  }

  @Test
  void aSecretIsHiddenWhereverThePluginPutsItAndTheAuditNamesPluginAndCredential()
      throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    Handler handler = listening(lines);
    Logger logger = Logger.getLogger("io.noetl.pool.PluginExecutor");
    logger.addHandler(handler);
    String padded = SECRET.substring(0, SECRET.length() / 3 * 3);
    credential("leaky", "generic", Map.of("token", padded));
    String reply = LeakingPlugin.reply("leaky", "token", padded);
    String grants = "{'host_get_credential':{'names':['leaky']},'host_put_event':{}}";
    String good = plugin(LeakingPlugin.of("leaky", reply, padded, false), grants);
    String bad = plugin(LeakingPlugin.of("leaky", reply, padded, true), grants);

    Outcome output = pool.run(execution, good);
    Outcome error = pool.run(execution, bad);
    logger.removeHandler(handler);

    String encoded = LeakingPlugin.encoded(padded);
    assertThat(output.data()).isEqualTo(Map.of("plain", "[REDACTED]", "encoded", encoded));
    assertThat(error.error()).containsEntry("message", "the key is [REDACTED]");
    assertThat(String.valueOf(output.meta().get("log"))).contains("[REDACTED]", encoded);
    String events = client.get("/api/executions/" + execution + "/events?page_size=500").text();
    assertThat(events).contains("\"event_type\":\"leak.tried\"", "{\"a\":\"[REDACTED]\"}");
    assertThat(String.join("\n", lines)).contains("[REDACTED]").doesNotContain(padded);
    assertThat(events + output + error).doesNotContain(padded);
    for (String path : List.of(good, bad)) {
      assertThat(audits(path)).hasSize(3);
      assertThat(String.valueOf(audits(path).getFirst()))
          .contains(
              "plugin=" + path, "capability=host_get_credential", "credential=leaky", "code=");
      assertThat(String.valueOf(audits(path).getLast()))
          .contains("credential=[REDACTED]", "code=-2");
    }
    try (Stream<Path> files = Files.list(recordings)) {
      for (Path file : files.toList()) {
        assertThat(Files.readString(file)).doesNotContain(padded);
      }
    }
  }

  private static Handler listening(List<String> lines) {
    return new Handler() {
      private final SimpleFormatter formatter = new SimpleFormatter();

      @Override
      public void publish(LogRecord record) {
        lines.add(formatter.formatMessage(record));
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @Test
  void aQueryRunsWithTheCredentialOfTheGrantAndIsAudited() throws Exception {
    String grants = "{'host_query_pg':{'credential':'orders'}}";
    String path =
        plugin(
            AskingPlugin.of(
                "host_query_pg",
                "{\"sql\":\"select id, total from orders where id = $1\",\"params\":[2]}"),
            grants);

    Outcome outcome = pool.run(execution, path);

    assertThat(Json.text(outcome.data()))
        .isEqualTo("{\"columns\":[\"id\",\"total\"],\"rows\":[[2,\"7\"]],\"truncated\":false}");
    assertThat(audits(path)).hasSize(1);
    assertThat(String.valueOf(audits(path).getFirst()))
        .contains("capability=host_query_pg", "credential=orders")
        .doesNotContain("planted-db-word", "select id");
  }

  @Test
  void aQueryOfATenantHasTheErrorCodeOfItsFault() throws Exception {
    String grants = "{'host_query_pg':{'credential':'orders'}}";

    assertThat(code(ask("host_query_pg", grants, "{'sql':'delete from orders'}")))
        .isEqualTo("DENIED");
    assertThat(code(ask("host_query_pg", grants, "{'sql':'select 1; select 2'}")))
        .isEqualTo("DENIED");
    assertThat(code(ask("host_query_pg", grants, "{'sql':'select nothing'}")))
        .isEqualTo("BAD_REQUEST");
    assertThat(code(ask("host_query_pg", grants, "{'sql':'select $1'}"))).isEqualTo("BAD_REQUEST");
    assertThat(code(ask("host_query_pg", grants, "{'sql':'select pg_sleep(60)'}")))
        .isEqualTo("TIMEOUT");
    assertThat(
            code(
                ask(
                    "host_query_pg",
                    "{'host_query_pg':{'credential':'nowhere'}}",
                    "{'sql':'select 1'}")))
        .isEqualTo("UNAVAILABLE");
    assertThat(
            code(
                ask(
                    "host_query_pg",
                    "{'host_query_pg':{'credential':'gone'}}",
                    "{'sql':'select 1'}")))
        .isEqualTo("NOT_FOUND");
    assertThat(code(ask("host_query_pg", grants, "{'sql':'select count(*) from orders'}")))
        .isNull();
  }

  @Test
  void anInterruptDuringAQueryStopsThePluginAndLeavesTheConnectionsUsable() throws Exception {
    String grants = "{'host_query_pg':{'credential':'orders'}}";
    String path =
        plugin(AskingPlugin.of("host_query_pg", "{\"sql\":\"select pg_sleep(61)\"}"), grants);
    AtomicReference<Throwable> ended = new AtomicReference<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    pool.run(execution, path);
                  } catch (Exception e) {
                    ended.set(e);
                  }
                });
    Waiting.until(TestPostgres.PATIENCE, () -> "no query runs", () -> sleeping() == 1);

    caller.interrupt();
    caller.join();

    assertThat(ended.get()).isInstanceOf(InterruptedException.class);
    assertThat(sleeping()).isZero();
    assertThat(code(ask("host_query_pg", grants, "{'sql':'select 1'}"))).isNull();
  }

  private static long sleeping() {
    try (Connection connection =
            DriverManager.getConnection(
                orders.jdbcUrl(), orders.user(), orders.password().reveal());
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from pg_stat_activity where state = 'active'"
                    + " and usename = 'plugin_reader' and query like 'select pg_sleep(61)%'")) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aGrantThatIsWithdrawnBetweenTwoCallsIsDenied() throws Exception {
    for (String capability : List.of("host_get_credential", "host_query_pg")) {
      String terms =
          capability.equals("host_query_pg") ? "{'credential':'orders'}" : "{'names':['mail']}";
      String other =
          capability.equals("host_query_pg") ? "{'credential':'gone'}" : "{'names':['gone']}";
      String request =
          capability.equals("host_query_pg") ? "{\"sql\":\"select 1\"}" : "{\"name\":\"mail\"}";
      String path =
          plugin(AskingPlugin.of(capability, request), "{'" + capability + "':" + terms + "}");
      assertThat(code(pool.run(execution, path))).isNull();

      grant(path, "{'" + capability + "':" + other + "}");
      assertThat(code(pool.run(execution, path))).isIn("DENIED", "NOT_FOUND");

      grant(path, "{}");
      assertThat(pool.run(execution, path).error()).containsEntry("code", "PLUGIN_IMPORT_DENIED");
    }
  }

  @Test
  void aRecordedCredentialIsAReferenceAndTheCallReplays() throws Exception {
    String path =
        plugin(
            AskingPlugin.of("host_get_credential", "{\"name\":\"mail\"}"),
            "{'host_get_credential':{'names':['mail']}}");
    pool.run(execution, path);

    String recorded;
    try (Stream<Path> files = Files.list(recordings)) {
      recorded =
          files
              .map(PluginSecretsIT::text)
              .filter(text -> text.contains("\"path\":\"" + path + "\""))
              .findFirst()
              .orElseThrow();
    }

    assertThat(recorded)
        .doesNotContain(SECRET)
        .contains("\"reply\":{\"name\":\"mail\",\"data\":{\"token\":\"[REDACTED]\"}}");
    assertThat(
            new io.noetl.wasm.PluginRehearsal(LIMITS)
                .run(
                    AskingPlugin.of("host_get_credential", "{\"name\":\"mail\"}"),
                    io.noetl.wasm.PluginScript.parse(recorded),
                    io.noetl.wasm.EngineMode.INTERPRETED)
                .problems())
        .isEmpty();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
