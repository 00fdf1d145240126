package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.language.Rule;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.TestClient;
import io.noetl.testing.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Playbooks with SQL steps, from the API to a database and back. */
class SqlJourneyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String HEADER =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: sql, path: %s}
      workflow:
      """;

  /** A connection by fields; the workload has the address. */
  private static final String AT =
      "host: '{{ db.host }}', port: '{{ db.port }}', user: '{{ db.user }}', password: '{{"
          + " db.password }}', database: '{{ db.name }}'";

  @TempDir private static Path folder;
  private static EmbeddedRuntime runtime;
  private static TestClient client;
  private static DatabaseConfig database;

  @BeforeAll
  static void start() {
    database = TestPostgres.empty();
    Map<String, String> settings = new HashMap<>();
    settings.put("server.port", "0");
    settings.put("data.folder", folder.toString());
    settings.put("bus.mode", "memory");
    settings.put("duckdb.download-extensions", "false");
    runtime = new Wiring().embedded();
    client =
        new TestClient(
            runtime.start(ConfigLoader.load(Optional.empty(), settings).config()).toString());
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  private static Map<String, Object> run(String path, String steps, Map<String, ?> more)
      throws Exception {
    String registered = client.register(HEADER.formatted(path) + steps.replace("@pg", AT));
    Map<String, Object> payload = new HashMap<>(more);
    payload.put(
        "db",
        Map.of(
            "host", database.host(),
            "port", database.port(),
            "user", database.user(),
            "password", database.password().reveal(),
            "name", database.name()));
    return client.ended(client.execute(registered, payload), PATIENCE);
  }

  @Test
  @DisplayName("E14: later steps see rows, counts and every command's own result")
  void laterStepsSeeWhatStatementsCameTo() throws Exception {
    Map<String, Object> ended =
        run(
            "sql/e14",
            """
              - step: start
                tool:
                  kind: postgres
                  host: "{{ db.host }}"
                  port: "{{ db.port }}"
                  user: "{{ db.user }}"
                  password: "{{ db.password }}"
                  database: "{{ db.name }}"
                  command: |
                    create temp table e14 (id int, amount numeric(8,2), doc jsonb);
                    insert into e14 values (1, 2.50, '{"k": [1]}'), (2, null, null);
                    select id, amount, doc from e14 order by id;
                set: {ctx.first: "{{ output.data.rows[0].id }}"}
                next:
                  arcs:
                    - {step: end, when: "{{ (output.data.row_count | default(0) | int) == 2 }}"}
              - step: end
                tool:
                  kind: noop
                  result:
                    f: "{{ ctx.first }}"
                    n: "{{ start.row_count }}"
                    rows: "{{ start.rows }}"
                    c2: "{{ start.command_2.row_count }}"
                    ins: "{{ start.command_1.affected_rows }}"
                    one: "{{ start.data[1].id }}"
                    many: "{{ start.data | length }}"
            """,
            Map.of());

    assertThat(ended).containsEntry("status", "COMPLETED");
    Map<String, Object> second = new HashMap<>();
    second.put("id", 2L);
    second.put("amount", null);
    second.put("doc", null);
    assertThat(ended.get("result"))
        .isEqualTo(
            Map.of(
                "f", 1L,
                "n", 2L,
                "rows",
                    List.of(
                        Map.of("id", 1L, "amount", "2.50", "doc", Map.of("k", List.of(1L))),
                        second),
                "c2", 2L,
                "ins", 2L,
                "one", 2L,
                "many", 2L));
  }

  @Test
  @DisplayName("E15: values of templates are bound, and null stays null")
  void valuesOfTemplatesAreBound() throws Exception {
    Map<String, Object> ended =
        run(
            "sql/e15",
            """
              - step: start
                tool: {kind: postgres, @pg, query: "create table e15(id serial, name text, amount numeric, note text)"}
                next: insert
              - step: insert
                tool:
                  - one:
                      kind: postgres
                      host: "{{ db.host }}"
                      port: "{{ db.port }}"
                      user: "{{ db.user }}"
                      password: "{{ db.password }}"
                      database: "{{ db.name }}"
                      query: "insert into e15(name, amount, note) values ($1, $2, $3) returning id, name, amount, note"
                      params: ["{{ workload.name }}", "{{ workload.amount }}", "{{ workload.note }}"]
                next: change
              - step: change
                tool: {kind: postgres, @pg, query: "update e15 set name = 'x'"}
                next: end
              - step: end
                tool:
                  kind: noop
                  result:
                    row: "{{ insert.one.rows[0] }}"
                    changed: "{{ change.affected_rows }}"
                    rows: "{{ change.rows is defined }}"
            """,
            Map.of("name", "O'Hara", "amount", "12345678901234567.890"));

    assertThat(ended).containsEntry("status", "COMPLETED");
    Map<?, ?> result = (Map<?, ?>) ended.get("result");
    assertThat(result.get("changed")).isEqualTo(1L);
    assertThat(result.get("rows")).isEqualTo(false);
    Map<String, Object> row = new HashMap<>();
    row.put("id", 1L);
    row.put("name", "O'Hara");
    row.put("amount", "12345678901234567.890");
    row.put("note", null);
    assertThat(result.get("row")).isEqualTo(row);
  }

  @Test
  @DisplayName("E13: a policy accepts a failed statement by its code")
  void aPolicyAcceptsAFailedStatement() throws Exception {
    Map<String, Object> ended =
        run(
            "sql/e13",
            """
              - step: start
                tool:
                  - query:
                      kind: postgres
                      host: "{{ db.host }}"
                      port: "{{ db.port }}"
                      user: "{{ db.user }}"
                      password: "{{ db.password }}"
                      database: "{{ db.name }}"
                      query: "select * from no_such_table_e13"
                      spec: {policy: {rules: [{when: "{{ output.status == 'error' }}", then: {do: continue, set: {ctx.code: "{{ output.error.code }}", ctx.state: "{{ output.pg.sqlstate }}"}}}]}}
                  - note: {kind: python, code: "result = {'went_on': True}"}
                next: end
              - step: end
                tool: {kind: noop, result: {code: "{{ ctx.code }}", state: "{{ ctx.state }}", on: "{{ start.went_on }}"}}
            """,
            Map.of());

    assertThat(ended)
        .containsEntry("status", "COMPLETED")
        .containsEntry("result", Map.of("code", "PG_42P01", "state", "42P01", "on", true));
  }

  @Test
  void aFailedStatementFailsTheExecution() throws Exception {
    Map<String, Object> ended =
        run(
            "sql/failed",
            """
              - step: start
                tool: {kind: postgres, @pg, query: "select * from no_such_table"}
                next: end
              - step: end
                tool: {kind: noop}
            """,
            Map.of());

    assertThat(ended).containsEntry("status", "FAILED");
    assertThat(String.valueOf(ended.get("error")))
        .contains("relation \"no_such_table\" does not exist (SQLSTATE 42P01)");
  }

  @Test
  @DisplayName("E16: duckdb rows are reached by position")
  void duckdbRowsAreReachedByPosition() throws Exception {
    Map<String, Object> ended =
        run(
            "sql/e16",
            """
              - step: start
                tool: {kind: duckdb, query: "create table t(a int); insert into t values (1),(2); select sum(a) as s, count(*) as c from t"}
                next: end
              - step: end
                tool: {kind: noop, result: {rows: "{{ start.rows }}", n: "{{ start.row_count }}", c: "{{ start.data[0].c }}"}}
            """,
            Map.of());

    assertThat(ended)
        .containsEntry("status", "COMPLETED")
        .containsEntry(
            "result", Map.of("rows", List.of(Map.of("s", "3", "c", 2L)), "n", 1L, "c", 2L));
  }

  @Test
  @DisplayName("E32: SQL with blocks and filters")
  void sqlWithBlocksAndFilters() throws Exception {
    Map<String, Object> ended =
        run(
            "sql/e32",
            """
              - step: start
                tool:
                  kind: postgres
                  host: "{{ db.host }}"
                  port: "{{ db.port }}"
                  user: "{{ db.user }}"
                  password: "{{ db.password }}"
                  database: "{{ db.name }}"
                  query: |
                    select {{ n | int }} as n, '{{ name | replace("'", "''") }}' as name
                    {% if limit %}limit {{ limit }}{% endif %}
                next: end
              - step: end
                tool: {kind: noop, result: "{{ start.rows }}"}
            """,
            Map.of("n", "4", "name", "O'Hara", "limit", 1));

    assertThat(ended)
        .containsEntry("status", "COMPLETED")
        .containsEntry("result", List.of(Map.of("n", 4L, "name", "O'Hara")));
  }

  @Test
  @DisplayName("E36: a transfer between tables")
  void aTransferBetweenTables() throws Exception {
    Map<String, Object> ended =
        run(
            "sql/e36",
            """
              - step: start
                tool: {kind: postgres, @pg, query: "create table public.e36(x int)"}
                next: copy
              - step: copy
                tool:
                  kind: transfer
                  source: {type: postgres, @pg, query: "select 1 as a union all select {{ two }}"}
                  target: {type: postgres, @pg, table: public.e36, mapping: {x: a}}
                next: look
              - step: look
                tool: {kind: postgres, @pg, query: "select sum(x) as s from e36"}
                next: end
              - step: end
                tool: {kind: noop, result: {copy: "{{ copy.data }}", sum: "{{ look.data[0].s }}"}}
            """,
            Map.of("two", 2));

    assertThat(ended).containsEntry("status", "COMPLETED");
    Map<?, ?> result = (Map<?, ?>) ended.get("result");
    assertThat(result.get("sum")).isEqualTo(3L);
    assertThat((Map<?, ?>) result.get("copy"))
        .isEqualTo(
            Map.of(
                "direction", "postgres_to_postgres",
                "source_type", "postgres",
                "target_type", "postgres",
                "mode", "append",
                "rows_transferred", 2L,
                "chunks_processed", 1L,
                "target_table", "public.e36",
                "columns", List.of("x")));
  }

  /** Some 3 MB: three parts. */
  private static final String MANY =
      "create temp table t as select i, repeat('x', 1000) as pad from generate_series(1, 3000) i;"
          + " select count(*) as n from t; select * from t order by i";

  @Test
  @Rule("15")
  void rowsThatWereStoredWhileTheyWereReadLookLikeAnyOthers() throws Exception {
    Map<String, Object> ended =
        run(
            "sql/stored",
            """
              - step: start
                tool: {kind: postgres, @pg, query: "%s"}
                set: {ctx.n: "{{ output.data.row_count }}"}
                next:
                  arcs:
                    - {step: other, when: "{{ output.data.rows[2999].i == 3000 }}"}
              - step: other
                tool:
                  - kept:
                      kind: postgres
                      @each
                      query: "%s"
                next: compare
              - step: compare
                tool:
                  kind: python
                  input: {stored: "{{ start.data }}", kept: "{{ other.data }}"}
                  code: |
                    same = all(kept[name] == value for name, value in stored.items())
                    result = {"same": same, "commands": len(stored["command_2"]["rows"])}
                next: end
              - step: end
                tool:
                  kind: noop
                  result:
                    n: "{{ ctx.n }}"
                    same: "{{ compare.same }}"
                    commands: "{{ compare.commands }}"
                    row: "{{ start.data[7].i }}"
                    leading: "{{ start.command_1.rows[0].n }}"
                    last: "{{ start.command_2.rows[2999].i }}"
                    ref: "{{ start._ref is defined }}"
            """
                .formatted(MANY, MANY)
                .replace("@each", AT.replace(", ", "\n          ")),
            Map.of());

    assertThat(ended).containsEntry("status", "COMPLETED");
    assertThat(ended.get("result"))
        .isEqualTo(
            Map.of(
                "n", 3000L,
                "same", true,
                "commands", 3000L,
                "row", 8L,
                "leading", 3000L,
                "last", 3000L,
                "ref", true));
  }
}
