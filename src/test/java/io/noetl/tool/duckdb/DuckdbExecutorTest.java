package io.noetl.tool.duckdb;

import static io.noetl.tool.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.tool.Calls;
import io.noetl.tool.TestCredentials;
import io.noetl.tool.auth.Credential;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Section 9.3 of the language, on the real library and without a network. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DuckdbExecutorTest {
  private static final String ENDLESS =
      "select count(*) from range(1000000000000) a where a.range % 7 = 1";

  @TempDir private static Path folder;
  private HttpExecutor http;
  private DuckdbExecutor executor;

  @BeforeAll
  void start() {
    http = new HttpExecutor(HttpSettings.DEFAULT);
    executor = executor(settings(64L << 20, 4));
  }

  @AfterAll
  void stop() {
    executor.close();
    http.close();
  }

  private DuckdbSettings settings(long resultLimit, int concurrent) {
    return new DuckdbSettings(
        concurrent,
        256L << 20,
        1,
        false,
        folder.resolve("extensions").toString(),
        resultLimit,
        folder.resolve("temp"));
  }

  private DuckdbExecutor executor(DuckdbSettings settings) {
    return new DuckdbExecutor(
        settings,
        TestCredentials.of(
            new Credential(
                "pg",
                "postgres",
                Map.of("host", "127.0.0.1", "user", "u", "password", "s3cret'x", "database", "d")),
            new Credential("bucket", "s3", Map.of("key_id", "k", "secret", "hush", "region", "r")),
            new Credential("tok", "bearer", Map.of("token", "t"))),
        http);
  }

  private Outcome run(String sql, Map<String, ? extends @Nullable Object> more)
      throws InterruptedException {
    Map<String, @Nullable Object> fields = new HashMap<>(more);
    fields.put("query", sql);
    return executor.run(Calls.of(ToolKind.DUCKDB, fields));
  }

  private Map<?, ?> data(String sql, Map<String, ? extends @Nullable Object> more)
      throws InterruptedException {
    Outcome outcome = run(sql, more);
    assertThat(outcome.error()).isNull();
    return (Map<?, ?>) outcome.data();
  }

  private @Nullable Object value(String expression) throws InterruptedException {
    return ((Map<?, ?>)
            ((List<?>) data("select " + expression + " as v", Map.of()).get("rows")).getFirst())
        .get("v");
  }

  private static Map<String, @Nullable Object> error(Outcome outcome) {
    assertThat(outcome.hard()).isTrue();
    assertThat(outcome.error()).isNotNull();
    return outcome.error();
  }

  @Test
  @DisplayName("E16: statements run one by one in a database of the call's own")
  void statementsRunOneByOne() throws Exception {
    Outcome outcome =
        run(
            "create table t(a int); insert into t values (1),(2);"
                + " select sum(a) as s, count(*) as c from t",
            Map.of());

    assertThat(outcome.shape()).isEqualTo(Shape.ROWS);
    Map<?, ?> data = (Map<?, ?>) outcome.data();
    assertThat(data.get("rows")).isEqualTo(json("[{'s': '3', 'c': 2}]"));
    assertThat(data.get("row_count")).isEqualTo(1L);
    assertThat(data.get("columns")).isEqualTo(List.of("s", "c"));
    assertThat(data.get("statement_count")).isEqualTo(3L);
    assertThat(data.get("command_0"))
        .isEqualTo(json("{'status': 'success', 'affected_rows': 0, 'row_count': 0}"));
    assertThat(data.get("command_1"))
        .isEqualTo(json("{'status': 'success', 'affected_rows': 2, 'row_count': 2}"));
    assertThat(error(run("select * from t", Map.of()))).containsEntry("code", "DUCKDB");
  }

  @Test
  void typesKeepTheirMeaning() throws Exception {
    assertThat(value("1::tinyint")).isEqualTo(1L);
    assertThat(value("4294967295::uinteger")).isEqualTo(4294967295L);
    assertThat(value("9223372036854775807::bigint")).isEqualTo(Long.MAX_VALUE);
    assertThat(value("18446744073709551615::ubigint")).isEqualTo("18446744073709551615");
    assertThat(value("1::hugeint")).isEqualTo("1");
    assertThat(value("1.50::decimal(8,2)")).isEqualTo("1.50");
    assertThat(value("0.1::float")).isEqualTo(0.1);
    assertThat(value("1e300::double")).isEqualTo(1e300);
    assertThat(value("'NaN'::double")).isNull();
    assertThat(value("true")).isEqualTo(true);
    assertThat(value("'x'")).isEqualTo("x");
    assertThat(value("date '2024-05-01'")).isEqualTo("2024-05-01");
    assertThat(value("time '10:00:00'")).isEqualTo("10:00:00");
    assertThat(value("timestamp '2024-03-10 02:30:00.5'")).isEqualTo("2024-03-10T02:30:00.5");
    assertThat(value("timestamptz '2024-05-01 12:00:00+02'"))
        .isEqualTo("2024-05-01T10:00:00+00:00");
    assertThat(value("timestamp_ns '2024-05-01 10:00:00.123456789'"))
        .isEqualTo("2024-05-01T10:00:00.123456789");
    assertThat(value("interval 1 day")).isEqualTo("1 day");
    assertThat(value("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid"))
        .isEqualTo("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    assertThat(value("'\\x00\\xFFa'::blob")).isEqualTo("AP9h");
    assertThat(value("[1, null, 3]")).isEqualTo(Arrays.asList(1L, null, 3L));
    assertThat(value("[[1.5::decimal(3,1)]]")).isEqualTo(List.of(List.of("1.5")));
    assertThat(value("{'a': 1, 'b': [date '2024-05-01'], 'c': {'d': 'x'::blob}}"))
        .isEqualTo(json("{'a': 1, 'b': ['2024-05-01'], 'c': {'d': 'eA=='}}"));
    assertThat(value("map {'k': 1, 'l': 2}")).isEqualTo(json("{'k': 1, 'l': 2}"));
    assertThat(value("map {1: {'z': 2.5::decimal(4,1)}}")).isEqualTo(json("{'1': {'z': '2.5'}}"));
    assertThat(value("'e'::enum('d', 'e')")).isEqualTo("e");
    assertThat(value("'{\"a\": [1, 2.5]}'::json")).isEqualTo(json("{'a': [1, 2.5]}"));
    assertThat(value("null")).isNull();
  }

  @Test
  void parametersOfAllForms() throws Exception {
    assertThat(
            data("select $1::int + $2::int as a, $1::int as b", Map.of("params", List.of(1L, "2")))
                .get("rows"))
        .isEqualTo(json("[{'a': 3, 'b': 1}]"));
    assertThat(
            data("select ? as a, '?' as b", Map.of("params", Arrays.asList((Object) null)))
                .get("rows"))
        .isEqualTo(json("[{'a': null, 'b': '?'}]"));
    assertThat(
            data(
                    "create table t(a int, l int[]); insert into t values (:n, :l);"
                        + " select $n::int + a as a, l from t",
                    Map.of("params", Map.of("n", 2L, "l", List.of(1L, 2L))))
                .get("rows"))
        .isEqualTo(json("[{'a': 4, 'l': [1, 2]}]"));
    assertThat(error(run("select ?; select ?", Map.of("params", List.of(1L)))))
        .containsEntry("kind", "configuration");
  }

  @Test
  void commandsMayBeListOrTextAndRowsMayBeArrays() throws Exception {
    for (Object commands : List.of("select 1; select 2", List.of("select 1", "select 2;"))) {
      Outcome outcome =
          executor.run(
              Calls.of(ToolKind.DUCKDB, Map.of("commands", commands, "as_objects", false)));
      assertThat(((Map<?, ?>) outcome.data()).get("rows")).isEqualTo(json("[[2]]"));
      assertThat(((Map<?, ?>) outcome.data()).get("statement_count")).isEqualTo(2L);
    }
  }

  @Test
  void fileKeepsItsTablesAndMayBeOpenedForReadingOnly() throws Exception {
    String file = folder.resolve("kept.duckdb").toString();
    data("create table t as select 42 as a", Map.of("db_path", file));

    assertThat(data("select a from t", Map.of("database", file)).get("rows"))
        .isEqualTo(json("[{'a': 42}]"));
    assertThat(data("select a from t", Map.of("file", file, "read_only", true)).get("row_count"))
        .isEqualTo(1L);
    assertThat(error(run("insert into t values (1)", Map.of("file", file, "read_only", true))))
        .containsEntry("code", "DUCKDB")
        .hasEntrySatisfying("message", text -> assertThat((String) text).contains("read-only"));
    assertThat(folder.resolve("kept.duckdb.wal")).doesNotExist();
    assertThat(error(run("select 1", Map.of("db_path", "/a;b"))))
        .containsEntry("kind", "configuration");
  }

  @Test
  void writersOfOneFileTakeTurns() throws Exception {
    String file = folder.resolve("turns.duckdb").toString();
    data("create table t(a int)", Map.of("db_path", file));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Outcome>> calls = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        calls.add(() -> run("insert into t values (1)", Map.of("db_path", file)));
      }
      for (Future<Outcome> call : threads.invokeAll(calls)) {
        assertThat(call.get().error()).isNull();
      }
    }

    assertThat(data("select sum(a)::int as s from t", Map.of("db_path", file)).get("rows"))
        .isEqualTo(json("[{'s': 12}]"));
  }

  @Test
  void callsInMemoryDoNotSeeEachOther() throws Exception {
    data("create table mine(a int)", Map.of("db_path", ":memory:"));

    assertThat(error(run("select * from mine", Map.of())))
        .containsEntry("kind", "database")
        .hasEntrySatisfying(
            "message", text -> assertThat((String) text).contains("mine does not exist"));
  }

  @Test
  void interruptEndsTheStatement() throws Exception {
    AtomicReference<@Nullable Throwable> ended = new AtomicReference<>();
    try (DuckdbExecutor one = executor(settings(1 << 20, 1))) {
      Thread caller =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      one.run(Calls.of(ToolKind.DUCKDB, Map.of("query", ENDLESS)));
                    } catch (Throwable e) {
                      ended.set(e);
                    }
                  });
      // The second call waits for the only slot and times out while the first one runs.
      Outcome waiting =
          one.run(Calls.of(ToolKind.DUCKDB, Map.of("query", ENDLESS, "timeout_seconds", 0.3)));
      assertThat(error(waiting)).containsEntry("kind", "timeout");

      caller.interrupt();

      assertThat(caller.join(Duration.ofSeconds(10))).isTrue();
      assertThat(one.run(Calls.of(ToolKind.DUCKDB, Map.of("query", "select 1"))).error()).isNull();
    }
    assertThat(ended.get())
        .satisfiesAnyOf(
            e -> assertThat(e).isNull(),
            e -> assertThat(e).isInstanceOf(InterruptedException.class));
  }

  @Test
  void timeoutEndsTheStatement() throws Exception {
    long start = System.nanoTime();

    assertThat(error(run(ENDLESS, Map.of("timeout_seconds", 0.3))))
        .containsEntry("kind", "timeout")
        .containsEntry("retryable", true);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(5);
  }

  @Test
  void resultBeyondTheLimitIsRefusedByName() throws Exception {
    try (DuckdbExecutor small = executor(settings(100_000, 1))) {
      assertThat(
              error(
                  small.run(
                      Calls.of(
                          ToolKind.DUCKDB,
                          Map.of("query", "select repeat('x', 1000) from range(1000000000)")))))
          .containsEntry("code", "RESULT_TOO_LARGE")
          .hasEntrySatisfying(
              "message",
              text -> assertThat((String) text).contains("100000 bytes (duckdb.result-limit)"));
    }
  }

  @Test
  void filesOfOtherFormatsCanBeReadAndWritten() throws Exception {
    Path parquet = folder.resolve("x.parquet");
    Path csv = Files.writeString(folder.resolve("x.csv"), "a,b\n1,x\n2,y\n");

    assertThat(
            data(
                    "copy (select * from read_csv('"
                        + csv
                        + "')) to '"
                        + parquet
                        + "' (format parquet); select * from '"
                        + parquet
                        + "' order by a",
                    Map.of())
                .get("rows"))
        .isEqualTo(json("[{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}]"));
  }

  @Test
  void extensionThatIsNotThereIsAClearHardError() throws Exception {
    for (Object auth :
        List.of("pg", Map.of("x", Map.of("source", "credential", "key", "bucket")))) {
      assertThat(error(run("select 1", Map.of("auth", auth))))
          .containsEntry("kind", "database")
          .containsEntry("code", "DUCKDB")
          .hasEntrySatisfying(
              "message",
              text ->
                  assertThat((String) text)
                      .startsWith("A DuckDB extension is not available")
                      .contains("duckdb.extension-folder")
                      .doesNotContain("s3cret")
                      .doesNotContain("hush"));
    }
    assertThat(error(run("select 1", Map.of("auth", "tok"))))
        .containsEntry("message", "Credential 'tok' has unsupported type 'bearer'");
    assertThat(error(run("select 1", Map.of("auth", "nobody"))))
        .containsEntry("message", "Credential alias 'nobody' not found");
  }

  @Test
  void ducklakeNeedsItsCatalogueAndExtension() throws Exception {
    assertThat(error(executor.run(Calls.of(ToolKind.DUCKLAKE, Map.of("query", "select 1")))))
        .containsEntry("message", "Invalid ducklake config: missing field 'catalog_connection'");
    assertThat(
            error(
                executor.run(
                    Calls.of(
                        ToolKind.DUCKLAKE,
                        Map.of(
                            "query",
                            "select 1",
                            "catalog_name",
                            "lake",
                            "catalog_connection",
                            folder.resolve("meta.ducklake").toString())))))
        .hasEntrySatisfying(
            "message",
            text -> assertThat((String) text).startsWith("A DuckDB extension is not available"));
  }

  @Test
  void whatThePlanHoldsOfAFileIsForgottenAfterwards() throws Exception {
    DuckFiles files = new DuckFiles();
    Path file = folder.resolve("one");

    assertThat(files.enter(file, null)).isTrue();
    assertThat(files.enter(file, Duration.ofMillis(20))).isFalse();
    files.leave(file);

    assertThat(files.size()).isZero();
  }
}
