package io.noetl.tool.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.DatabaseConfig;
import io.noetl.language.Rule;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.testing.RecordingServer;
import io.noetl.testing.RecordingServer.Answer;
import io.noetl.testing.TestPostgres;
import io.noetl.tool.Calls;
import io.noetl.tool.TestCredentials;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import io.noetl.tool.auth.Credentials;
import io.noetl.tool.duckdb.DuckdbExecutor;
import io.noetl.tool.duckdb.DuckdbSettings;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import io.noetl.tool.postgres.PostgresExecutor;
import io.noetl.tool.postgres.PostgresSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SQL text that a {@code script} leads to, with either tool. */
@Rule({"9.2", "9.3", "10.2"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SqlScriptsTest {
  @TempDir private static Path folder;
  private DatabaseConfig database;
  private RecordingServer server;
  private HttpExecutor http;
  private PostgresExecutor postgres;
  private DuckdbExecutor duckdb;

  @BeforeAll
  void start() throws Exception {
    database = TestPostgres.empty();
    server =
        new RecordingServer(
            request ->
                request.path().equals("/total.sql")
                    ? new Answer(200, "select 1 as a;\nselect 3 as a;")
                    : new Answer(404, "{}"));
    http = new HttpExecutor(HttpSettings.DEFAULT);
    postgres =
        new PostgresExecutor(
            PostgresSettings.DEFAULT,
            TestCredentials.of(TestCredentials.postgres("pg", database)),
            http);
    duckdb =
        new DuckdbExecutor(
            new DuckdbSettings(1, 256L << 20, 1, false, "", 1L << 20, folder.resolve("temp")),
            Credentials.NONE,
            http);
  }

  @AfterAll
  void stop() {
    postgres.close();
    duckdb.close();
    http.close();
    server.close();
  }

  private enum Tool {
    POSTGRES,
    DUCKDB
  }

  private Outcome run(Tool tool, Map<String, ? extends @Nullable Object> fields)
      throws InterruptedException {
    Map<String, @Nullable Object> all = new HashMap<>(fields);
    if (tool == Tool.POSTGRES) {
      all.put("auth", "pg");
    }
    ToolExecutor executor = tool == Tool.POSTGRES ? postgres : duckdb;
    ToolKind kind = tool == Tool.POSTGRES ? ToolKind.POSTGRES : ToolKind.DUCKDB;
    ToolCall call = Calls.of(kind, all);
    return executor.run(call);
  }

  private @Nullable Object a(Tool tool, Map<String, ? extends @Nullable Object> fields)
      throws InterruptedException {
    Outcome outcome = run(tool, fields);
    assertThat(outcome.error()).isNull();
    Map<?, ?> data = (Map<?, ?>) outcome.data();
    return ((Map<?, ?>) ((List<?>) data.get("rows")).getFirst()).get("a");
  }

  private String refused(Tool tool, Map<String, ?> script) throws InterruptedException {
    Outcome outcome = run(tool, Map.of("script", script));
    assertThat(outcome.hard()).isTrue();
    assertThat(outcome.error()).containsEntry("kind", "configuration");
    return String.valueOf(outcome.error().get("message"));
  }

  @ParameterizedTest
  @EnumSource(Tool.class)
  void runsAScriptInPlaceWithItsParameters(Tool tool) throws Exception {
    Map<String, Object> script =
        Map.of("source", Map.of("type", "inline", "code", "select :n::int + 1 as a"));

    assertThat(a(tool, Map.of("script", script, "params", Map.of("n", 1L)))).isEqualTo(2L);
    assertThat(a(tool, Map.of("query", "select 7 as a", "script", script))).isEqualTo(7L);
  }

  @ParameterizedTest
  @EnumSource(Tool.class)
  void runsAScriptOfAFile(Tool tool) throws Exception {
    Path file = Files.writeString(folder.resolve("x.sql"), "-- first\nselect 1; select 2 as a;\n");
    Map<String, String> source = Map.of("type", "file");

    assertThat(a(tool, Map.of("script", Map.of("uri", file.toString(), "source", source))))
        .isEqualTo(2L);
    assertThat(a(tool, Map.of("script", Map.of("uri", "file://" + file, "source", source))))
        .isEqualTo(2L);
  }

  @ParameterizedTest
  @EnumSource(Tool.class)
  void aFileThatIsMissingIsAHardError(Tool tool) throws Exception {
    String file = folder.resolve("missing.sql").toString();

    assertThat(refused(tool, Map.of("uri", file, "source", Map.of("type", "file"))))
        .startsWith("Script '" + file + "' cannot be read: NoSuchFileException");
  }

  @ParameterizedTest
  @EnumSource(Tool.class)
  void runsAScriptOfAnAddress(Tool tool) throws Exception {
    Map<String, String> source = Map.of("type", "http");

    assertThat(a(tool, Map.of("script", Map.of("uri", server.url("/total.sql"), "source", source))))
        .isEqualTo(3L);
    assertThat(refused(tool, Map.of("uri", server.url("/none.sql"), "source", source)))
        .contains("/none.sql' cannot be fetched: HTTP 404 response");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gcs", "s3"})
  void objectStoresAreRefusedWithWhatToUseInstead(String type) throws Exception {
    for (Tool tool : Tool.values()) {
      assertThat(refused(tool, Map.of("uri", "x/y.sql", "source", Map.of("type", type))))
          .isEqualTo("Script source '" + type + "' is not available; use inline, file or http");
    }
  }

  @ParameterizedTest
  @EnumSource(Tool.class)
  void noTextAtAllIsAHardError(Tool tool) throws Exception {
    Outcome outcome = run(tool, Map.of());

    assertThat(outcome.hard()).isTrue();
    assertThat(String.valueOf(outcome.error().get("message")))
        .endsWith("config: missing field 'query'");
  }
}
