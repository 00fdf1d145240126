package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.Databases;
import io.noetl.testing.RecordingServer;
import io.noetl.testing.RecordingServer.Request;
import io.noetl.testing.TestClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials and keychain through every role, and what of them is found anywhere afterwards. */
class CredentialsJourneyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String KEY_1 = "planted-api-key-91f2";
  private static final String TOKEN_1 = "planted-bearer-77ac";
  private static final String PASSWORD_1 = "planted+pass word/5d";
  private static final String FILE_1 = "planted-file-secret-3b";
  private static final List<String> PLANTED =
      List.of(
          KEY_1,
          TOKEN_1,
          PASSWORD_1,
          FILE_1,
          "planted%2Bpass",
          "cGxhbnRlZC",
          "planted@dsn-6e",
          "planted@step-8c");

  @TempDir private static Path folder;
  private static EmbeddedRuntime runtime;
  private static TestClient client;
  private static RecordingServer service;

  @BeforeAll
  static void start() throws Exception {
    Files.createDirectories(folder.resolve("secrets"));
    Files.writeString(folder.resolve("secrets").resolve("pin"), FILE_1 + "\n");
    service = new RecordingServer(Request::echo);
    runtime = new Wiring().embedded();
    Map<String, String> settings = new HashMap<>();
    settings.put("server.port", "0");
    settings.put("data.folder", folder.toString());
    settings.put("bus.mode", "memory");
    settings.put("worker.drain", "0s");
    settings.put("keychain.secrets-folder", folder.resolve("secrets").toString());
    client =
        new TestClient(
            runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString());
    credential("svc_store", "generic", Map.of("api_key", KEY_1));
    credential("tok", "bearer", Map.of("token", TOKEN_1));
    credential("login", "basic", Map.of("username", "ada", "password", PASSWORD_1));
    credential("query_key", "api_key", Map.of("key", PASSWORD_1, "in", "query", "param", "k"));
  }

  @AfterAll
  static void stop() {
    runtime.close();
    service.close();
  }

  private static void credential(String name, String type, Map<String, ?> data) throws Exception {
    client.post("/api/credentials", Map.of("name", name, "type", type, "data", data)).ok();
  }

  private static String execution;

  private static Map<String, Object> run(String name, String keychain, String steps)
      throws Exception {
    String path =
        client.register(
            "apiVersion: noetl.io/v2\nkind: Playbook\nmetadata: {name: c, path: credentials/"
                + name
                + "}\nworkload: {base: x, store: svc_store}\n"
                + (keychain.isEmpty() ? "" : "keychain:\n" + keychain.indent(2))
                + "workflow:\n"
                + steps.indent(2));
    execution = client.execute(path, Map.of("base", service.url("")));
    return client.ended(execution, PATIENCE);
  }

  private static final String SVC =
      "- {name: svc, kind: credential, credential: \"{{ workload.store }}\"}\n";

  @Test
  @DisplayName("E34 keychain and auth")
  void e34() throws Exception {
    List<String> commands = new CopyOnWriteArrayList<>();
    service.answer(
        request -> {
          if (request.path().equals("/e34")) {
            commands.addAll(rows("command"));
          }
          return request.echo();
        });
    assertThat(
            run(
                "e34",
                SVC,
                """
                - step: start
                  tool:
                    kind: http
                    url: "{{ workload.base }}/e34"
                    headers: {X-Key: "{{ keychain.svc.api_key }}"}
                  next: named
                - step: named
                  tool: {kind: http, url: "{{ workload.base }}/named", auth: tok}
                  next: ghost
                - step: ghost
                  tool:
                    kind: http
                    url: "{{ workload.base }}/ghost"
                    headers: {X-Ghost: "a{{ keychain.ghost.x }}b"}
                """))
        .containsEntry("status", "COMPLETED");

    assertThat(service.last("/e34").header("x-key")).isEqualTo(KEY_1);
    // The command as it was stored while it ran.
    assertThat(commands)
        .anyMatch(row -> row.contains("{{ keychain.svc.api_key }}"))
        .noneMatch(row -> row.contains(KEY_1));
    assertThat(service.last("/named").header("authorization")).isEqualTo("Bearer " + TOKEN_1);
    assertThat(service.last("/ghost").header("x-ghost")).isEqualTo("ab");
    assertThat(client.get("/api/executions/" + execution + "/events?include=all").text())
        .contains("\"x-key\":\"[REDACTED]\"")
        .contains("\"x-ghost\":\"ab\"");
    assertNothingPlanted();
  }

  @Test
  @DisplayName("E34: an alias that nobody knows")
  void anUnknownAliasFailsTheExecutionWithItsName() throws Exception {
    Map<String, Object> ended =
        run(
            "nobody",
            "",
            """
            - step: start
              tool: {kind: http, url: "{{ workload.base }}/nobody", auth: nobody}
            """);

    assertThat(ended).containsEntry("status", "FAILED");
    assertThat(String.valueOf(ended.get("error"))).contains("Credential alias 'nobody' not found");
    assertThat(service.requests("/nobody")).isEmpty();
  }

  @Test
  void aSecretReachesWhateverItsAuthorHandsItToAndIsHiddenAfterwards() throws Exception {
    assertThat(
            run(
                "everywhere",
                SVC + "- {name: file, kind: secrets, provider: file, map: {pin: pin}}\n",
                """
                - step: start
                  input: {key: "{{ keychain.svc.api_key }}", plain: 1}
                  tool:
                    kind: python
                    input: {again: "{{ key }}", length: "{{ key | length }}"}
                    code: |
                      import sys
                      print("the key is " + key)
                      print("on stderr " + key, file=sys.stderr)
                      result = {"same": key == again, "length": length, "key": key, key: [key]}
                  next: sequence
                - step: sequence
                  input: {pin: "{{ keychain.file.pin }}"}
                  tool:
                    - first:
                        kind: http
                        url: "{{ workload.base }}/first"
                        auth: query_key
                        params: {pin: "{{ pin }}"}
                    - second:
                        kind: http
                        method: POST
                        url: "{{ workload.base }}/second"
                        auth: login
                        json: {sent: "{{ _prev.data.query }}"}
                        set: {ctx.kept: "{{ keychain.svc.api_key }}"}
                  next: bad
                - step: bad
                  tool:
                    kind: python
                    input: {key: "{{ keychain.svc.api_key }}"}
                    code: "raise ValueError('refused ' + key)"
                    spec:
                      policy:
                        rules:
                          - else: {then: {do: continue}}
                """))
        .containsEntry("status", "COMPLETED");

    assertThat(service.last("/first").query())
        .contains("k=planted%2Bpass%20word%2F5d")
        .contains("pin=" + FILE_1);
    assertThat(service.last("/second").header("authorization")).startsWith("Basic YWRhOn");
    // Between the tasks of a command a secret is what it is.
    assertThat(service.last("/second").body()).contains("planted%2Bpass");
    String events = client.get("/api/executions/" + execution + "/events?include=all").text();
    assertThat(events)
        .contains("\"same\":true")
        .contains("\"length\":" + KEY_1.length())
        .contains("refused [REDACTED]");
    assertNothingPlanted();
  }

  /** Makes a role with this password, and gives the string that a client connects with. */
  private static String dsn(String role, String password) throws SQLException {
    DatabaseConfig database = Databases.embeddedIn(folder.resolve("postgres"));
    Databases.execute(database, "create role " + role + " login password '" + password + "'");
    return "postgresql://%s:%s@%s:%d/%s"
        .formatted(
            role, password.replace("@", "%40"), database.host(), database.port(), database.name());
  }

  @Test
  void thePasswordInsideAConnectionStringIsHiddenByItself() throws Exception {
    credential("pg_dsn", "postgres", Map.of("dsn", dsn("dsn_reader", "planted@dsn-6e")));

    Map<String, Object> ended =
        run(
            "dsn",
            "",
            """
            - step: start
              tool: {kind: postgres, auth: pg_dsn, query: "select 'planted' || '@dsn-6e' as seen"}
              next: step
            - step: step
              tool:
                kind: postgres
                connection_string: "%s"
                query: "select 'planted' || '@step-8c' as also"
              next: bad
            - step: bad
              tool:
                kind: postgres
                auth: pg_dsn
                query: "select ('planted' || '@dsn-6e')::int"
            """
                .formatted(dsn("step_reader", "planted@step-8c")));

    assertThat(ended).containsEntry("status", "FAILED");
    assertThat(String.valueOf(ended.get("error")))
        .contains("invalid input syntax for type integer: \"[REDACTED]\"");

    assertThat(client.get("/api/executions/" + execution + "/events?include=all").text())
        .contains("\"seen\":\"[REDACTED]\"")
        .contains("\"also\":\"[REDACTED]\"");
    assertNothingPlanted();
  }

  /** Every row of a table, as text. */
  private static List<String> rows(String table) {
    return column("select t::text from noetl." + table + " t");
  }

  private static List<String> column(String sql) {
    DatabaseConfig database = Databases.embeddedIn(folder.resolve("postgres"));
    List<String> values = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection(
                database.jdbcUrl(), database.user(), database.password().reveal());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    return values;
  }

  /** In no row of any table, and in no reply. */
  private static void assertNothingPlanted() throws Exception {
    List<String> tables =
        column(
            "select table_name from information_schema.tables where table_schema = 'noetl'"
                + " and table_type = 'BASE TABLE'");
    assertThat(tables).contains("credential", "keychain_entry", "event", "command", "execution");
    int seen = 0;
    for (String table : tables) {
      for (String row : rows(table)) {
        seen++;
        assertThat(row).as("row of %s", table).doesNotContain(PLANTED);
      }
    }
    assertThat(seen).isGreaterThan(10);
    for (String path :
        List.of(
            "/api/executions/" + execution,
            "/api/executions/" + execution + "/events?include=all",
            "/api/executions/" + execution + "/status?full=true",
            "/api/commands",
            "/api/credentials")) {
      assertThat(client.get(path).ok().text()).as(path).doesNotContain(PLANTED);
    }
  }

  @Test
  void theKeyStaysWithTheDataOfAProcessThatBringsItsOwn() throws Exception {
    assertThat(folder.resolve("credentials.key")).exists();
    assertThat(runtime.facts()).anyMatch(fact -> fact.startsWith("key of stored secrets in "));
    runtime.close();
    runtime = new Wiring().embedded();
    Map<String, String> settings =
        Map.of(
            "server.port",
            "0",
            "data.folder",
            folder.toString(),
            "bus.mode",
            "memory",
            "keychain.secrets-folder",
            folder.resolve("secrets").toString());
    client =
        new TestClient(
            runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString());

    assertThat(client.get("/api/credentials/tok?include_data=true").ok().body())
        .containsEntry("data", Map.of("token", TOKEN_1));
  }
}
