package io.noetl.tool.transfer;

import static io.noetl.tool.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.noetl.config.DatabaseConfig;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.testing.TestPostgres;
import io.noetl.tool.Calls;
import io.noetl.tool.TestCredentials;
import io.noetl.tool.TestServer;
import io.noetl.tool.auth.Credentials;
import io.noetl.tool.duckdb.DuckdbExecutor;
import io.noetl.tool.duckdb.DuckdbSettings;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import io.noetl.tool.postgres.PostgresExecutor;
import io.noetl.tool.postgres.PostgresSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Section 9.11 of the language, between real databases and a real service. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransferExecutorTest {
  @TempDir private static Path folder;

  private TestServer server;
  private HttpServer items;
  private HttpExecutor http;
  private PostgresExecutor postgres;
  private DuckdbExecutor duckdb;
  private TransferExecutor executor;
  private String file = "";

  @BeforeAll
  void start() throws Exception {
    DatabaseConfig database = TestPostgres.empty();
    Credentials credentials = TestCredentials.of(TestCredentials.postgres("pg", database));
    server = new TestServer();
    items = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    items.createContext(
        "/items",
        exchange -> {
          byte[] body =
              """
              {"page": {"rows": [
                {"id": 1, "name": "a", "tags": ["x", "y"], "doc": {"k": [1]}, "at": {"city": "B"}},
                {"id": 2, "name": null, "tags": [], "doc": "text"}]}}
              """
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    items.start();
    http = new HttpExecutor(HttpSettings.DEFAULT);
    postgres = new PostgresExecutor(PostgresSettings.DEFAULT, credentials, http);
    duckdb =
        new DuckdbExecutor(
            new DuckdbSettings(4, 256L << 20, 1, false, "", 64L << 20, folder.resolve("temp")),
            credentials,
            http);
    executor =
        new TransferExecutor(
            new TransferSettings(2, 1_000, 5_000),
            credentials,
            http,
            postgres.pools(),
            duckdb.access());
    file = folder.resolve("t.duckdb").toString();
  }

  @AfterAll
  void stop() {
    executor.close();
    postgres.close();
    duckdb.close();
    http.close();
    items.stop(0);
    server.close();
  }

  private Outcome transfer(
      Map<String, ?> source, Map<String, ?> target, Map<String, ? extends @Nullable Object> more)
      throws InterruptedException {
    Map<String, @Nullable Object> fields = new HashMap<>(more);
    fields.put("source", source);
    fields.put("target", target);
    return executor.run(Calls.of(ToolKind.TRANSFER, fields));
  }

  private Map<?, ?> transferred(
      Map<String, ?> source, Map<String, ?> target, Map<String, ? extends @Nullable Object> more)
      throws InterruptedException {
    Outcome outcome = transfer(source, target, more);
    assertThat(outcome.error()).isNull();
    return (Map<?, ?>) outcome.data();
  }

  private static Map<String, @Nullable Object> error(Outcome outcome) {
    assertThat(outcome.hard()).isTrue();
    assertThat(outcome.error()).isNotNull();
    return outcome.error();
  }

  private List<?> pg(String sql) throws InterruptedException {
    Outcome outcome = postgres.run(Calls.of(ToolKind.POSTGRES, Map.of("auth", "pg", "query", sql)));
    assertThat(outcome.error()).isNull();
    return ((Map<?, ?>) outcome.data()).get("rows") instanceof List<?> rows ? rows : List.of();
  }

  private List<?> duck(String sql) throws InterruptedException {
    Outcome outcome = duckdb.run(Calls.of(ToolKind.DUCKDB, Map.of("db_path", file, "query", sql)));
    assertThat(outcome.error()).isNull();
    return ((Map<?, ?>) outcome.data()).get("rows") instanceof List<?> rows ? rows : List.of();
  }

  private static Map<String, Object> fromPg(String query) {
    return Map.of("type", "postgres", "auth", "pg", "query", query);
  }

  private static Map<String, Object> toPg(String table) {
    return Map.of("type", "postgres", "auth", "pg", "table", table);
  }

  @Test
  @DisplayName("E36: a list that holds no maps is refused")
  void listWithoutMapsIsRefused() throws Exception {
    Outcome outcome =
        transfer(
            Map.of("type", "http", "url", server.url("/ok"), "data_path", "items"),
            toPg("public.e36"),
            Map.of());

    assertThat(error(outcome))
        .containsEntry(
            "message",
            "Expected source.data_path 'items' of the source to be a list of maps, but element 0"
                + " is number");
  }

  @Test
  @DisplayName("E36: rows of one table go to another under their mapped names")
  void rowsGoToTheirMappedColumns() throws Exception {
    pg("create table public.e36 (x int)");

    Map<?, ?> data =
        transferred(
            fromPg("select 1 as a union all select 2"),
            Map.of(
                "type", "postgres",
                "auth", "pg",
                "table", "public.e36",
                "mapping", Map.of("x", "a")),
            Map.of());

    assertThat(data)
        .isEqualTo(
            json(
                """
                {'direction': 'postgres_to_postgres', 'source_type': 'postgres',
                 'target_type': 'postgres', 'mode': 'append', 'rows_transferred': 2,
                 'chunks_processed': 1, 'target_table': 'public.e36', 'columns': ['x']}
                """));
    assertThat(pg("select x from e36 order by x")).isEqualTo(json("[{'x': 1}, {'x': 2}]"));
  }

  @Test
  void everyTypeArrivesAsItWas() throws Exception {
    String columns =
        "i int, n numeric, f float8, b bool, t timestamptz, d date, j jsonb, s jsonb, a int[],"
            + " y bytea, u uuid, z text[], x text";
    pg("create table types_from (" + columns + "); create table types_to (" + columns + ")");
    pg(
        "insert into types_from values (1, 12345678901234567890.10, 0.1, true, '2024-05-01"
            + " 12:00:00.123456+02', '2024-05-01', '{\"a\": [1]}', '\"text\"', '{1,null}',"
            + " '\\x00ff', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"a,b\",c}', '{\"not\": 1}'),"
            + " (null, null, null, null, null, null, null, null, null, null, null, null, null)");

    transferred(fromPg("select * from types_from"), toPg("types_to"), Map.of());

    assertThat(pg("select * from types_to except select * from types_from")).isEmpty();
    assertThat(pg("select count(*) as n from types_to")).isEqualTo(json("[{'n': 2}]"));
  }

  @Test
  void rowsAreWrittenInChunks() throws Exception {
    pg("create table many (i int, t text)");

    Map<?, ?> data =
        transferred(
            fromPg("select i, repeat('?', 20) as t from generate_series(1, 2500) i"),
            toPg("many"),
            Map.of());

    assertThat(data.get("rows_transferred")).isEqualTo(2500L);
    assertThat(data.get("chunks_processed")).isEqualTo(3L);
    assertThat(pg("select count(distinct i) as n from many")).isEqualTo(json("[{'n': 2500}]"));
    assertThat(error(transfer(fromPg("select 1 as i"), toPg("many"), Map.of("chunk_size", 6000))))
        .hasEntrySatisfying(
            "message",
            text -> assertThat((String) text).contains("1 to 5000 (transfer.max-chunk-size)"));
  }

  @Test
  void aFailureLeavesTheTargetAsItWas() throws Exception {
    pg("create table whole (i int check (i < 5)); insert into whole values (0)");

    Outcome outcome =
        transfer(
            fromPg("select i from generate_series(1, 9) i"),
            toPg("whole"),
            Map.of("mode", "replace", "chunk_size", 2));

    assertThat(error(outcome)).containsEntry("kind", "db_constraint");
    assertThat(String.valueOf(error(outcome).get("message"))).startsWith("ERROR: new row");
    assertThat(pg("select i from whole")).isEqualTo(json("[{'i': 0}]"));
  }

  @Test
  void replaceEmptiesTheTargetAlsoWhenNoRowFollows() throws Exception {
    pg("create table again (i int); insert into again values (1), (2)");

    Map<?, ?> data =
        transferred(fromPg("select 1 as i where false"), toPg("again"), Map.of("mode", "replace"));

    assertThat(data.get("rows_transferred")).isEqualTo(0L);
    assertThat(data.get("chunks_processed")).isEqualTo(0L);
    assertThat(pg("select i from again")).isEmpty();
  }

  @Test
  void upsertChangesRowsWithTheSameKey() throws Exception {
    pg(
        "create table up (k text, n int primary key, v text); insert into up values ('a', 1,"
            + " 'old')");

    transferred(
        fromPg(
            "select * from (values ('x', 1, 'first'), ('y', 2, 'new'), ('z', 1, 'last')) v(k, n,"
                + " v)"),
        toPg("up"),
        Map.of("mode", "upsert"));

    assertThat(pg("select * from up order by n"))
        .isEqualTo(json("[{'k': 'z', 'n': 1, 'v': 'last'}, {'k': 'y', 'n': 2, 'v': 'new'}]"));
    pg("create table keyless (k int)");
    assertThat(error(transfer(fromPg("select 1 as k"), toPg("keyless"), Map.of("mode", "upsert"))))
        .hasEntrySatisfying(
            "message",
            text -> assertThat((String) text).contains("expected a primary key of keyless"));
  }

  @Test
  void rowsOfAServiceGoIntoATable() throws Exception {
    pg("create table fetched (id int, \"Name\" text, tags text[], doc jsonb, city text)");
    String url = "http://127.0.0.1:" + items.getAddress().getPort() + "/items";

    Map<?, ?> data =
        transferred(
            Map.of("type", "http", "url", url, "data_path", "page.rows"),
            Map.of(
                "type",
                "postgres",
                "auth",
                "pg",
                "table",
                "fetched",
                "mapping",
                Map.of(
                    "id", "id", "name", "name", "tags", "tags", "doc", "doc", "city", "at.city")),
            Map.of());

    assertThat(data.get("direction")).isEqualTo("http_to_postgres");
    assertThat(pg("select * from fetched order by id"))
        .isEqualTo(
            json(
                "[{'id': 1, 'Name': 'a', 'tags': ['x', 'y'], 'doc': {'k': [1]}, 'city': 'B'},"
                    + " {'id': 2, 'Name': null, 'tags': [], 'doc': 'text', 'city': null}]"));
  }

  @Test
  void anAnswerThatIsAnErrorIsTheErrorOfTheTransfer() throws Exception {
    Outcome outcome =
        transfer(
            Map.of("type", "http", "url", server.url("/missing")), toPg("public.e36"), Map.of());

    assertThat(error(outcome)).containsEntry("code", "HTTP_404");
  }

  @Test
  void rowsGoToAFileOfDuckdbAndBack() throws Exception {
    duck(
        "create table d (i int primary key, n decimal(20,2), t timestamptz, l int[], j json, b"
            + " blob)");
    pg("create table from_duck (i int, n numeric, t timestamptz, l int[], j jsonb, b bytea)");

    Map<?, ?> out =
        transferred(
            fromPg(
                "select 1 as i, 123456789012345678.90 as n, timestamptz '2024-05-01 10:00+00' as t,"
                    + " array[1, 2] as l, '{\"k\": \"v\"}'::jsonb as j, '\\x00ff'::bytea as b"),
            Map.of("type", "duckdb", "db_path", file, "table", "main.d"),
            Map.of("mode", "upsert"));
    Map<?, ?> back =
        transferred(
            Map.of("type", "duckdb", "db_path", file, "query", "select * from d"),
            toPg("from_duck"),
            Map.of());

    assertThat(out.get("direction")).isEqualTo("postgres_to_duckdb");
    assertThat(back.get("direction")).isEqualTo("duckdb_to_postgres");
    assertThat(pg("select i, n, t, l, j, b from from_duck"))
        .isEqualTo(
            json(
                "[{'i': 1, 'n': '123456789012345678.90', 't': '2024-05-01T10:00:00+00:00',"
                    + " 'l': [1, 2], 'j': {'k': 'v'}, 'b': 'AP8='}]"));
  }

  @Test
  void rowsMoveBetweenTablesOfOneFile() throws Exception {
    duck("create table one as select * from range(2500) r(i); create table two (i bigint)");

    Map<?, ?> data =
        transferred(
            Map.of("type", "duckdb", "db_path", file, "table", "one"),
            Map.of("type", "duckdb", "db_path", file, "table", "two"),
            Map.of());

    assertThat(data.get("rows_transferred")).isEqualTo(2500L);
    assertThat(duck("select sum(i)::bigint as s from two")).isEqualTo(json("[{'s': 3123750}]"));
  }

  @Test
  void theTargetMayBeAStatement() throws Exception {
    pg("create table stated (i int, t text)");

    Map<?, ?> data =
        transferred(
            fromPg("select 1 as i, 'a' as t union all select 2, 'b'"),
            Map.of(
                "type", "postgres",
                "auth", "pg",
                "query", "insert into stated values (:i * 10, upper(:t))"),
            Map.of());

    assertThat(data.containsKey("target_table")).isFalse();
    assertThat(pg("select * from stated order by i"))
        .isEqualTo(json("[{'i': 10, 't': 'A'}, {'i': 20, 't': 'B'}]"));
  }

  @Test
  void whatCannotBeDoneIsSaidBeforeAnythingIsDone() throws Exception {
    Map<String, Object> source = fromPg("select 1 as a");
    assertThat(error(transfer(Map.of("type", "snowflake"), toPg("t"), Map.of())))
        .containsEntry("kind", "configuration")
        .containsEntry(
            "message",
            "Invalid transfer config: expected source.type to be http, postgres or duckdb, but it"
                + " is 'snowflake'");
    assertThat(error(transfer(source, Map.of("type", "http", "url", "x"), Map.of())))
        .hasEntrySatisfying(
            "message", text -> assertThat((String) text).contains("target.type to be postgres"));
    assertThat(error(transfer(source, Map.of("type", "postgres", "auth", "pg"), Map.of())))
        .containsEntry("message", "Invalid transfer config: missing field 'target.table'");
    assertThat(error(transfer(source, toPg("a; drop table b"), Map.of())))
        .containsEntry("code", "PG_42P01");
    assertThat(error(transfer(source, toPg("t"), Map.of("mode", "merge"))))
        .hasEntrySatisfying(
            "message", text -> assertThat((String) text).contains("append, replace or upsert"));
    assertThat(error(transfer(source, Map.of("type", "postgres", "table", "t"), Map.of())))
        .containsEntry("message", "postgres step has no connection");
    pg("create table narrow (b int)");
    assertThat(error(transfer(source, toPg("narrow"), Map.of())))
        .containsEntry(
            "message",
            "Invalid transfer config: expected table narrow to have column 'a', but it has b");
  }
}
