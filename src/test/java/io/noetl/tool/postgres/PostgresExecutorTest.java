package io.noetl.tool.postgres;

import static io.noetl.tool.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.DatabaseConfig;
import io.noetl.playbook.ToolKind;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.Outcome.Shape;
import io.noetl.testing.TestPostgres;
import io.noetl.tool.Calls;
import io.noetl.tool.TestCredentials;
import io.noetl.tool.ToolCall;
import io.noetl.tool.http.HttpExecutor;
import io.noetl.tool.http.HttpSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Section 9.2 of the language against a real server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresExecutorTest {
  private DatabaseConfig database;
  private HttpExecutor http;
  private PostgresExecutor executor;

  @BeforeAll
  void start() {
    http = new HttpExecutor(HttpSettings.DEFAULT);
    database = TestPostgres.empty();
    executor = executor(PostgresSettings.DEFAULT);
  }

  @AfterAll
  void stop() {
    executor.close();
    http.close();
  }

  private PostgresExecutor executor(PostgresSettings settings) {
    return new PostgresExecutor(
        settings, TestCredentials.of(TestCredentials.postgres("pg", database)), http);
  }

  private static ToolCall call(String sql, Map<String, ? extends @Nullable Object> more) {
    Map<String, @Nullable Object> fields = new HashMap<>();
    fields.put("auth", "pg");
    fields.put("query", sql);
    fields.putAll(more);
    return Calls.of(ToolKind.POSTGRES, fields);
  }

  private Outcome run(String sql, Map<String, ? extends @Nullable Object> more)
      throws InterruptedException {
    return executor.run(call(sql, more));
  }

  private Map<?, ?> data(String sql, Map<String, ? extends @Nullable Object> more)
      throws InterruptedException {
    Outcome outcome = run(sql, more);
    assertThat(outcome.error()).isNull();
    return (Map<?, ?>) outcome.data();
  }

  private Map<?, ?> data(String sql) throws InterruptedException {
    return data(sql, Map.of());
  }

  private Map<String, @Nullable Object> error(String sql) throws InterruptedException {
    return error(run(sql, Map.of()));
  }

  private static Map<String, @Nullable Object> error(Outcome outcome) {
    assertThat(outcome.hard()).isTrue();
    assertThat(outcome.error()).isNotNull();
    return outcome.error();
  }

  private @Nullable Object value(String expression) throws InterruptedException {
    return ((Map<?, ?>) ((List<?>) data("select " + expression + " as v").get("rows")).getFirst())
        .get("v");
  }

  @Test
  void selectGivesColumnsRowsAndTheirNumber() throws Exception {
    Outcome outcome = run("select 1 as a, 'x' as b", Map.of());

    assertThat(outcome.shape()).isEqualTo(Shape.ROWS);
    assertThat(outcome.data())
        .isEqualTo(
            json(
                """
                {'columns': ['a', 'b'], 'rows': [{'a': 1, 'b': 'x'}], 'row_count': 1,
                 'statement_count': 1,
                 'command_0': {'status': 'success', 'columns': ['a', 'b'],
                   'rows': [{'a': 1, 'b': 'x'}], 'row_count': 1}}
                """));
  }

  @Test
  @DisplayName("E14: several statements share a session, and each has its command_<i>")
  void severalStatementsShareASession() throws Exception {
    Map<?, ?> data =
        data(
            """
            create temp table e14 (id int, amount numeric(8,2), doc jsonb);
            insert into e14 values (1, 2.50, '{"k": [1]}'), (2, null, null);
            select id, amount, doc from e14 order by id;
            """);

    assertThat(data.get("rows"))
        .isEqualTo(
            json(
                "[{'id': 1, 'amount': '2.50', 'doc': {'k': [1]}},"
                    + " {'id': 2, 'amount': null, 'doc': null}]"));
    assertThat(data.get("statement_count")).isEqualTo(3L);
    assertThat(data.get("command_0"))
        .isEqualTo(json("{'status': 'success', 'affected_rows': 0, 'row_count': 0}"));
    assertThat(data.get("command_1"))
        .isEqualTo(json("{'status': 'success', 'affected_rows': 2, 'row_count': 2}"));
    assertThat(((Map<?, ?>) data.get("command_2")).get("row_count")).isEqualTo(2L);
  }

  @Test
  @DisplayName("E15: DML with RETURNING and parameters; plain DML gives no rows")
  void dmlWithReturningAndParameters() throws Exception {
    data("create table e15 (id int generated always as identity, name text)");

    Map<?, ?> inserted =
        data(
            "insert into e15(name) values ($1) returning id, name",
            Map.of("params", List.of("O'Hara")));
    Map<?, ?> updated = data("update e15 set name = 'x'");

    assertThat(inserted.get("columns")).isEqualTo(List.of("id", "name"));
    assertThat(inserted.get("rows")).isEqualTo(List.of(Map.of("id", 1L, "name", "O'Hara")));
    assertThat(updated.get("affected_rows")).isEqualTo(1L);
    assertThat(updated.get("row_count")).isEqualTo(1L);
    assertThat(updated.containsKey("rows")).isFalse();
  }

  @Test
  @DisplayName("E13: the error of a missing table has the server's state and words")
  void errorHasTheServersStateAndWords() throws Exception {
    Map<String, @Nullable Object> error = error("select * from no_such_table_e13");

    assertThat(error)
        .containsEntry("kind", "database")
        .containsEntry("code", "PG_42P01")
        .containsEntry("retryable", false)
        .containsEntry(
            "message", "ERROR: relation \"no_such_table_e13\" does not exist (SQLSTATE 42P01)");
  }

  @Test
  void errorsOfConstraintsHaveDetailAndNoSecondTry() throws Exception {
    data("create table uniq (id int primary key); insert into uniq values (1)");

    assertThat(error("insert into uniq values (1)"))
        .containsEntry("kind", "db_constraint")
        .containsEntry("code", "PG_23505")
        .hasEntrySatisfying(
            "message",
            text ->
                assertThat((String) text)
                    .contains("(SQLSTATE 23505)")
                    .contains("Detail: Key (id)=(1) already exists."));
  }

  @Test
  void textWithoutAnyStatementChangesNothing() throws Exception {
    assertThat(data(" -- nothing\n ;")).isEqualTo(json("{'affected_rows': 0, 'row_count': 0}"));
  }

  @Test
  void commandsMayBeAListOrText() throws Exception {
    Map<String, @Nullable Object> fields = new HashMap<>();
    fields.put("auth", "pg");
    fields.put("commands", List.of("select 1 as a -- one", "select 2 as a;"));
    Outcome outcome = executor.run(Calls.of(ToolKind.POSTGRES, fields));

    assertThat(((Map<?, ?>) outcome.data()).get("statement_count")).isEqualTo(2L);
    assertThat(((Map<?, ?>) outcome.data()).get("rows")).isEqualTo(json("[{'a': 2}]"));
  }

  @Test
  void queryMayBeBase64() throws Exception {
    Outcome outcome =
        executor.run(
            Calls.of(ToolKind.POSTGRES, Map.of("auth", "pg", "query_b64", "c2VsZWN0IDEgYXMgYQ==")));

    assertThat(((Map<?, ?>) outcome.data()).get("rows")).isEqualTo(json("[{'a': 1}]"));
  }

  @Test
  void rowsMayBeArrays() throws Exception {
    assertThat(data("select 1 as a, 2 as a", Map.of("as_objects", false)).get("rows"))
        .isEqualTo(json("[[1, 2]]"));
  }

  @Test
  void typesKeepTheirMeaning() throws Exception {
    assertThat(value("1::int2")).isEqualTo(1L);
    assertThat(value("9223372036854775807::int8")).isEqualTo(Long.MAX_VALUE);
    assertThat(value("0.1::float4")).isEqualTo(0.1);
    assertThat(value("1e300::float8")).isEqualTo(1e300);
    assertThat(value("'NaN'::float8")).isNull();
    assertThat(value("12345678901234567890.1200::numeric")).isEqualTo("12345678901234567890.1200");
    assertThat(value("true")).isEqualTo(true);
    assertThat(value("'x'::varchar")).isEqualTo("x");
    assertThat(value("'x'::char(3)")).isEqualTo("x  ");
    assertThat(value("'10.0.0.1'::inet")).isEqualTo("10.0.0.1");
    assertThat(value("'{\"b\": [1, null], \"a\": 1.5}'::json"))
        .isEqualTo(json("{'b': [1, null], 'a': 1.5}"));
    assertThat(value("'[1]'::jsonb")).isEqualTo(List.of(1L));
    assertThat(value("'2024-05-01 12:00:00+02'::timestamptz"))
        .isEqualTo("2024-05-01T10:00:00+00:00");
    assertThat(value("'2024-05-01 00:30:00.123456+05:30'::timestamptz"))
        .isEqualTo("2024-04-30T19:00:00.123456+00:00");
    assertThat(value("'infinity'::timestamptz")).isEqualTo("infinity");
    assertThat(value("'2024-05-01 10:00:00.5'::timestamp")).isEqualTo("2024-05-01T10:00:00.5");
    assertThat(value("'2024-05-01 10:00:00'::timestamp")).isEqualTo("2024-05-01T10:00:00");
    assertThat(value("'2024-05-01'::date")).isEqualTo("2024-05-01");
    assertThat(value("'10:00:00'::time")).isEqualTo("10:00:00");
    assertThat(value("'1 day 2 hours'::interval")).isEqualTo("1 day 02:00:00");
    assertThat(value("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid"))
        .isEqualTo("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    assertThat(value("'\\x00ff61'::bytea")).isEqualTo("AP9h");
    assertThat(value("null::int")).isNull();
    assertThat(value("int4range(1, 5)")).isEqualTo("[1,5)");
  }

  @Test
  void arraysBecomeLists() throws Exception {
    assertThat(value("array[1, null, 3]")).isEqualTo(Arrays.asList(1L, null, 3L));
    assertThat(value("array[[1, 2], [3, 4]]")).isEqualTo(List.of(List.of(1L, 2L), List.of(3L, 4L)));
    assertThat(value("array['a,b', 'q\"\\x', '', 'NULL', null]"))
        .isEqualTo(Arrays.asList("a,b", "q\"\\x", "", "NULL", null));
    assertThat(value("'[0:1]={5,6}'::int[]")).isEqualTo(List.of(5L, 6L));
    assertThat(value("array['2024-05-01 12:00:00+02'::timestamptz]"))
        .isEqualTo(List.of("2024-05-01T10:00:00+00:00"));
    assertThat(value("array['\\x6162'::bytea]")).isEqualTo(List.of("YWI="));
    assertThat(value("array['{\"a\": [1]}'::jsonb]")).isEqualTo(List.of(Map.of("a", List.of(1L))));
    assertThat(value("array[1.50, 2.0]")).isEqualTo(List.of("1.50", "2.0"));
    assertThat(value("array[true, false]")).isEqualTo(List.of(true, false));
    assertThat(value("'{}'::text[]")).isEqualTo(List.of());
    assertThat(value("array[box '((1,1),(0,0))', box '((2,2),(0,0))']"))
        .isEqualTo(List.of("(1,1),(0,0)", "(2,2),(0,0)"));
  }

  @Test
  void enumsAndTheirArraysAreText() throws Exception {
    data("create type mood as enum ('sad', 'ok')");

    assertThat(value("'ok'::mood")).isEqualTo("ok");
    assertThat(value("array['ok', 'sad']::mood[]")).isEqualTo(List.of("ok", "sad"));
  }

  @Test
  void parametersTakeTheTypesThatTheServerInfers() throws Exception {
    data("create table typed (i int, n numeric, j jsonb, a int[], t timestamptz, b bool, s text)");

    data(
        "insert into typed values ($1, $2, $3, $4, $5, $6, $7)",
        Map.of(
            "params",
            Arrays.asList(
                "7",
                "12345678901234567.89",
                Map.of("k", List.of(1L)),
                List.of(1L, 2L),
                "2024-05-01T10:00:00Z",
                true,
                null)));

    assertThat(((List<?>) data("select * from typed").get("rows")).getFirst())
        .isEqualTo(
            json(
                "{'i': 7, 'n': '12345678901234567.89', 'j': {'k': [1]}, 'a': [1, 2],"
                    + " 't': '2024-05-01T10:00:00+00:00', 'b': true, 's': null}"));
  }

  @Test
  void namedParametersWorkInEveryStatement() throws Exception {
    Map<?, ?> data =
        data(
            "create temp table np(a int, b text); insert into np values (:a, %(b)s);"
                + " select a, b, :b || '!' as c from np where a = :a::int and b = any(:list)",
            Map.of("params", Map.of("a", 5L, "b", "x", "list", List.of("x", "y"))));

    assertThat(data.get("rows")).isEqualTo(json("[{'a': 5, 'b': 'x', 'c': 'x!'}]"));
  }

  @Test
  void questionMarksAreOperators() throws Exception {
    String asked = "select '{\"k\": \"a?\"}'::jsonb ? 'k' as has, '?' as mark";
    Object expected = json("[{'has': true, 'mark': '?'}]");

    assertThat(data(asked).get("rows")).isEqualTo(expected);
    assertThat(data(asked + " where :a::int = 1", Map.of("params", Map.of("a", 1L))).get("rows"))
        .isEqualTo(expected);
  }

  @Test
  void rowsOfLargeResultsComeInPortionsAndInOrder() throws Exception {
    List<?> rows =
        (List<?>) data("select i from generate_series(1, 5001) i order by i").get("rows");

    assertThat(rows).hasSize(5001);
    assertThat(rows.getLast()).isEqualTo(Map.of("i", 5001L));
  }

  @Test
  void claimsOfACursorTakeDisjointRows() throws Exception {
    data(
        "create table e33 (id int, state text); insert into e33 select i, 'new' from"
            + " generate_series(1, 5) i");
    String claim =
        "with c as (select id from e33 where state = 'new' order by id for update skip locked limit"
            + " 2) update e33 t set state = 'taken' from c where t.id = c.id returning t.id";

    assertThat(data(claim).get("row_count")).isEqualTo(2L);
    assertThat(data(claim).get("row_count")).isEqualTo(2L);
    assertThat(data(claim).get("rows")).isEqualTo(json("[{'id': 5}]"));
    Map<?, ?> drained = data(claim);
    assertThat(drained.get("rows")).isEqualTo(List.of());
  }

  @Test
  void aListOfParametersNeedsOneStatement() throws Exception {
    assertThat(error(run("select $1; select $1", Map.of("params", List.of(1L)))))
        .containsEntry("kind", "configuration")
        .hasEntrySatisfying(
            "message", text -> assertThat((String) text).contains("one statement with a list"));
  }

  @Test
  void leadingStatementsAreOneTransaction() throws Exception {
    data("create table together (i int)");

    error("insert into together values (1); insert into together values ('x'); select 1");

    assertThat(data("select * from together").get("row_count")).isEqualTo(0L);
  }

  @Test
  void leadingStatementsStayWhenOnlyTheLastFails() throws Exception {
    data("create table kept (i int)");

    error("insert into kept values (1); select 1/0");

    assertThat(data("select * from kept").get("row_count")).isEqualTo(1L);
  }

  @Test
  void transactionsOfTheAuthorAreItsOwn() throws Exception {
    data("create table own (i int)");

    data("begin; insert into own values (1); rollback; begin; insert into own values (2); commit");

    assertThat(data("select i from own").get("rows")).isEqualTo(json("[{'i': 2}]"));
    data("create table vac (i int); vacuum vac");
    data("vacuum vac; select 1");
  }

  @Test
  void aTransactionLeftOpenIsRolledBack() throws Exception {
    data("create table left_open (i int)");

    data("begin; insert into left_open values (1); select * from left_open");

    assertThat(data("select * from left_open").get("row_count")).isEqualTo(0L);
  }

  @Test
  void nothingOfASessionIsLeftForTheNextCall() throws Exception {
    try (PostgresExecutor one = executor(withConnections(1))) {
      one.run(
          call("create temp table gone (i int); set work_mem = '1MB'; set role none", Map.of()));
      one.run(call("select pg_advisory_lock(42)", Map.of()));

      assertThat(one.run(call("create temp table gone (i int)", Map.of())).error()).isNull();
      Outcome after =
          one.run(
              call(
                  "select current_setting('work_mem') as m, count(*) as locks from pg_locks"
                      + " where locktype = 'advisory' and pid = pg_backend_pid()",
                  Map.of()));
      assertThat(((Map<?, ?>) after.data()).get("rows"))
          .isEqualTo(json("[{'m': '4MB', 'locks': 0}]"));
    }
  }

  @Test
  void schemaIsLookedIntoFirst() throws Exception {
    data("create schema other; create table other.here (i int)");

    assertThat(data("select * from here", Map.of("schema", "other")).get("row_count"))
        .isEqualTo(0L);
    assertThat(error("select * from here")).containsEntry("code", "PG_42P01");
  }

  @Test
  void withoutAnyAddressThereIsNoConnection() throws Exception {
    assertThat(error(executor.run(Calls.of(ToolKind.POSTGRES, Map.of("query", "select 1")))))
        .containsEntry("kind", "configuration")
        .containsEntry("message", "postgres step has no connection");
    assertThat(
            error(
                executor.run(
                    Calls.of(ToolKind.POSTGRES, Map.of("query", "select 1", "auth", "nobody")))))
        .containsEntry("kind", "credential")
        .containsEntry("message", "Credential alias 'nobody' not found");
    assertThat(error(executor.run(Calls.of(ToolKind.POSTGRES, Map.of("auth", "pg")))))
        .containsEntry("message", "Invalid postgres config: missing field 'query'");
  }

  @Test
  void addressMayBeInTheCallOrInItsConnectionString() throws Exception {
    String password = database.password().reveal();
    String place = database.host() + ":" + database.port() + "/" + database.name();
    List<Map<String, Object>> forms =
        List.of(
            Map.of(
                "host", database.host(),
                "port", String.valueOf(database.port()),
                "user", database.user(),
                "password", password,
                "database", database.name()),
            Map.of(
                "connection_string",
                "postgresql://" + database.user() + ":" + password + "@" + place),
            Map.of(
                "dsn",
                "jdbc:postgresql://"
                    + place
                    + "?user="
                    + database.user()
                    + "&password="
                    + password),
            Map.of(
                "connection",
                "host="
                    + database.host()
                    + " port="
                    + database.port()
                    + " dbname="
                    + database.name()
                    + " user="
                    + database.user()
                    + " password='"
                    + password
                    + "'"));
    for (Map<String, Object> form : forms) {
      Map<String, Object> fields = new HashMap<>(form);
      fields.put("query", "select current_database() as d");
      Outcome outcome = executor.run(Calls.of(ToolKind.POSTGRES, fields));

      assertThat(outcome.error()).as(form.keySet().toString()).isNull();
      assertThat(((Map<?, ?>) outcome.data()).get("rows"))
          .isEqualTo(List.of(Map.of("d", database.name())));
    }
  }

  @Test
  void fieldsOfTheCallWinOverTheCredential() throws Exception {
    DatabaseConfig other = TestPostgres.empty();

    assertThat(data("select current_database() as d", Map.of("database", other.name())).get("rows"))
        .isEqualTo(List.of(Map.of("d", other.name())));
  }

  @Test
  void serverThatCannotBeReachedMayBeTriedAgain() throws Exception {
    assertThat(error(run("select 1", Map.of("port", 1L))))
        .containsEntry("kind", "db_connection")
        .containsEntry("retryable", true);
    assertThat(error(run("select 1", Map.of("database", "no_such_db"))))
        .containsEntry("code", "PG_3D000");
  }

  @Test
  void statementTimeoutIsAHardErrorThatMayBeTriedAgain() throws Exception {
    long start = System.nanoTime();

    assertThat(error(run("select pg_sleep(30)", Map.of("timeout_seconds", 0.3))))
        .containsEntry("kind", "db_timeout")
        .containsEntry("code", "PG_57014")
        .containsEntry("retryable", true)
        .containsEntry("message", "Statement timed out after 300 ms (SQLSTATE 57014)");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    awaitNoSleeper();
  }

  @Test
  void statementTimeoutIsForEachStatementAndTheCallsForAll() throws Exception {
    String twice = "select pg_sleep(0.3); select pg_sleep(0.3)";

    assertThat(run(twice, Map.of("timeout_seconds", 0.5)).error()).isNull();
    assertThat(
            error(executor.run(Calls.withTimeout(call(twice, Map.of()), Duration.ofMillis(450)))))
        .containsEntry("kind", "db_timeout")
        .containsEntry("message", "Call timed out after 450 ms (SQLSTATE 57014)");
  }

  @Test
  void interruptCancelsTheStatement() throws Exception {
    AtomicReference<@Nullable Throwable> ended = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    executor.run(call("select pg_sleep(30)", Map.of()));
                  } catch (Throwable e) {
                    ended.set(e);
                  }
                  done.countDown();
                });
    await(
        "select 1 from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'",
        1);

    caller.interrupt();

    assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(ended.get()).isInstanceOf(InterruptedException.class);
    awaitNoSleeper();
  }

  private void awaitNoSleeper() throws SQLException {
    await(
        "select 1 from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'",
        0);
  }

  /** Polls until the query gives this many rows. */
  private void await(String sql, int rows) throws SQLException {
    long end = System.nanoTime() + TestPostgres.PATIENCE.toNanos();
    try (Connection connection =
            DriverManager.getConnection(
                database.jdbcUrl(), database.user(), database.password().reveal());
        Statement statement = connection.createStatement()) {
      int found;
      do {
        found = 0;
        try (ResultSet result = statement.executeQuery(sql)) {
          while (result.next()) {
            found++;
          }
        }
      } while (found != rows && System.nanoTime() < end);
      assertThat(found).isEqualTo(rows);
    }
  }

  @Test
  void resultBeyondTheLimitIsRefusedByName() throws Exception {
    try (PostgresExecutor small = executor(withResultLimit(100_000))) {
      for (String sql :
          List.of(
              "select repeat('x', 1000) as t from generate_series(1, 100000)",
              "select repeat('x', 300000) as t")) {
        assertThat(error(small.run(call(sql, Map.of()))))
            .containsEntry("kind", "limit")
            .containsEntry("code", "RESULT_TOO_LARGE")
            .hasEntrySatisfying(
                "message",
                text -> assertThat((String) text).contains("100000 bytes (postgres.result-limit)"));
      }
      assertThat(small.run(call("select 1", Map.of())).error()).isNull();
    }
  }

  @Test
  void callsBeyondTheConnectionsWaitAndThenSaySo() throws Exception {
    try (PostgresExecutor one =
        executor(
            new PostgresSettings(
                32,
                1,
                Duration.ofMillis(300),
                Duration.ofMinutes(1),
                Duration.ofMinutes(30),
                500,
                1 << 20))) {
      Thread holder =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      one.run(call("select pg_sleep(20)", Map.of()));
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
      await(
          "select 1 from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'",
          1);

      assertThat(error(one.run(call("select 1", Map.of()))))
          .containsEntry("kind", "db_connection")
          .hasEntrySatisfying(
              "message",
              text ->
                  assertThat((String) text)
                      .contains("within 300 ms (postgres.connection-timeout)")
                      .contains("all 1 (postgres.pool-connections) are in use"));
      holder.interrupt();
      holder.join();
    }
  }

  @Test
  void poolsAreBoundedAndTheOldestUnusedMakesRoom() throws Exception {
    DatabaseConfig other = TestPostgres.empty();
    try (PostgresExecutor two =
        executor(
            new PostgresSettings(
                1,
                1,
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofMinutes(30),
                500,
                1 << 20))) {
      awaitSuccess(two, Map.of());
      awaitSuccess(two, Map.of("database", other.name()));

      assertThat(two.pools().size()).isEqualTo(1);
    }
  }

  @Test
  void moreDatabasesThanPoolsAreRefusedByName() throws Exception {
    try (PostgresExecutor one =
        executor(
            new PostgresSettings(
                1,
                1,
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofMinutes(30),
                500,
                1 << 20))) {
      Thread holder =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      one.run(call("select pg_sleep(20)", Map.of()));
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
      await(
          "select 1 from pg_stat_activity where query like 'select pg_sleep%' and state ="
              + " 'active'",
          1);

      assertThat(error(one.run(call("select 1", Map.of("user", "another")))))
          .containsEntry("kind", "db_connection")
          .containsEntry(
              "message",
              "Expected at most 1 databases in use at once (postgres.max-pools), but this is one"
                  + " more (SQLSTATE 08000)");
      holder.interrupt();
      holder.join();
    }
  }

  /** The pool of the call before is free when its session has been put back. */
  private static void awaitSuccess(PostgresExecutor on, Map<String, Object> more)
      throws InterruptedException {
    long end = System.nanoTime() + TestPostgres.PATIENCE.toNanos();
    Outcome outcome;
    do {
      outcome = on.run(call("select 1", more));
    } while (!outcome.succeeded() && System.nanoTime() < end);
    assertThat(outcome.error()).isNull();
  }

  @Test
  void idleConnectionsAndPoolsAreClosed() throws Exception {
    DatabaseConfig own = TestPostgres.empty();
    try (PostgresExecutor quick =
        executor(
            new PostgresSettings(
                4,
                2,
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofMinutes(30),
                500,
                1 << 20))) {
      quick.run(call("select 1", Map.of("database", own.name())));

      await("select 1 from pg_stat_activity where datname = '" + own.name() + "'", 0);
      long end = System.nanoTime() + TestPostgres.PATIENCE.toNanos();
      while (quick.pools().size() > 0 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      assertThat(quick.pools().size()).isZero();
    }
  }

  @Test
  void connectionThatTheServerEndedIsReplaced() throws Exception {
    try (PostgresExecutor one = executor(withConnections(1))) {
      Map<?, ?> first =
          (Map<?, ?>) one.run(call("select pg_backend_pid() as pid", Map.of())).data();
      Object pid = ((Map<?, ?>) ((List<?>) first.get("rows")).getFirst()).get("pid");

      Outcome ended = one.run(call("select pg_terminate_backend(" + pid + ")", Map.of()));

      assertThat(error(ended)).containsEntry("kind", "db_connection");
      assertThat(one.run(call("select 1", Map.of())).error()).isNull();
    }
  }

  private static PostgresSettings withConnections(int connections) {
    return new PostgresSettings(
        32,
        connections,
        Duration.ofSeconds(5),
        Duration.ofMinutes(1),
        Duration.ofMinutes(30),
        500,
        1 << 20);
  }

  private static PostgresSettings withResultLimit(long bytes) {
    return new PostgresSettings(
        32, 2, Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofMinutes(30), 500, bytes);
  }
}
