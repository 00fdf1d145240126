package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.json.Json;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Section 15 of the language through all roles: where data is must not be seen. */
class ResultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String HEADER =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: one, path: results/%s}
      workflow:
      """;

  /** 1,000 rows of some 200 bytes. */
  private static final String LARGE =
      """
        - step: start
          tool:
            kind: python
            code: |
              result = {"n": 1000, "rows": [{"id": i, "pad": "x" * 180} for i in range(1000)]}
      """;

  @TempDir private static Path folder;
  private static EmbeddedRuntime runtime;
  private static TestClient client;

  @BeforeAll
  static void start() {
    runtime = new Wiring().embedded();
    client =
        new TestClient(
            runtime
                .start(
                    ConfigLoader.load(
                            Optional.empty(),
                            Map.of(
                                "server.port", "0",
                                "data.folder", folder.toString(),
                                "bus.mode", "memory",
                                "worker.drain", "0s"))
                        .config())
                .toString());
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  @AfterEach
  void everythingHolds() {
    Invariants.checkSettled(database(), PATIENCE);
  }

  private static DatabaseConfig database() {
    return Databases.embeddedIn(folder.resolve("postgres"));
  }

  private static Map<String, Object> run(String name, String steps) throws Exception {
    String path = client.register(HEADER.formatted(name) + steps);
    return client.ended(client.execute(path, Map.of()), PATIENCE);
  }

  private static @Nullable Object result(String name, String steps) throws Exception {
    Map<String, Object> ended = run(name, steps);
    assertThat(ended.get("status")).as("%s", ended.get("error")).isEqualTo("COMPLETED");
    return ended.get("result");
  }

  @Test
  void e31_aLargeResultIsSeenAsIfItWereInTheEvent() throws Exception {
    assertThat(
            result(
                "e31",
                LARGE
                    + """
                        next:
                          arcs:
                            - step: load
                              when: "{{ start.rows[999].id == 999 and output.data.n == 1000 }}"
                      - step: load
                        tool: {kind: artifact, result_ref: "{{ start._ref }}"}
                        next: use
                      - step: use
                        tool:
                          kind: python
                          input: {rows: "{{ start.rows }}", ids: "{{ load.rows[-1].id }}"}
                          code: |
                            result = {"count": len(rows), "last": rows[-1]["id"], "ids": ids}
                        next: end
                      - step: end
                        tool:
                          kind: noop
                          result:
                            n: "{{ start.n }}"
                            rows: "{{ start.rows | length }}"
                            last: "{{ start.rows[999].id }}"
                            ref: "{{ start._ref is defined }}"
                            store: "{{ start._store }}"
                            small: "{{ use._ref is defined }}"
                            loaded: "{{ load.n }}"
                            used: "{{ use }}"
                    """))
        .isEqualTo(
            Json.parse(
                """
                {"n": 1000, "rows": 1000, "last": 999, "ref": true, "store": "db", "small": false,
                 "loaded": 1000,
                 "used": {"count": 1000, "last": 999, "ids": 999,
                          "data": {"count": 1000, "last": 999, "ids": 999}}}
                """));
  }

  @Test
  void aSequenceAndALoopReadAndMakeLargeData() throws Exception {
    assertThat(
            result(
                "flow",
                LARGE
                    + """
                        next: each
                      - step: each
                        loop: {in: "{{ start.rows }}", iterator: row, spec: {mode: parallel}}
                        tool: {kind: python, input: {id: "{{ iter.row.id }}"}, code: "result = {'id': id, 'pad': 'y' * 300}"}
                        next: seq
                      - step: seq
                        tool:
                          - {name: a, kind: python, input: {rows: "{{ start.rows }}"}, code: "result = {'all': rows, 'first': rows[0]['id']}"}
                          - {name: b, kind: python, input: {n: "{{ a.all | length }}", ids: "{{ each | length }}"}, code: "result = {'n': n, 'ids': ids}"}
                        next:
                          arcs:
                            - {step: end, set: {all: "{{ output.data.all }}", last: "{{ each[999].id }}"}}
                      - step: end
                        tool:
                          kind: noop
                          result:
                            all: "{{ ctx.all | length }}"
                            first: "{{ all[0].id }}"
                            last: "{{ last }}"
                            n: "{{ seq.b.n }}"
                            ids: "{{ seq.ids }}"
                            stats: "{{ each.stats }}"
                            sum: "{{ each.results | map(attribute='id') | sum }}"
                    """))
        .isEqualTo(
            Json.parse(
                """
                {"all": 1000, "first": 0, "last": 999, "n": 1000, "ids": 1000,
                 "stats": {"total": 1000, "success": 1000, "failed": 0}, "sum": 499500}
                """));
  }

  @Test
  void selectedFieldsStayBesideTheReferenceUnderTheirNames() throws Exception {
    assertThat(
            result(
                "select",
                LARGE
                    + """
                        output: {select: [n, {path: "$.rows[0].id", as: first}], as: kept}
                        next: end
                      - step: end
                        tool:
                          kind: noop
                          result: {first: "{{ start.first }}", kept: "{{ ctx.kept.rows | length }}"}
                    """))
        .isEqualTo(Map.of("first", 0L, "kept", 1000L));
  }

  @Test
  void aResultOfTheExecutionThatIsLargeIsItsReference() throws Exception {
    Map<String, Object> ended = run("last", LARGE);

    Map<?, ?> result = (Map<?, ?>) ended.get("result");
    assertThat(result.get("kind")).isEqualTo("result_ref");
    assertThat(((Map<?, ?>) result.get("extracted")).get("n")).isEqualTo(1000L);
    Map<String, @Nullable Object> whole =
        client.get("/api/result/resolve?ref=" + result.get("uri")).ok().body();
    assertThat((List<?>) whole.get("rows")).hasSize(1000);
  }

  @Test
  void aLoopValueThatIsLargeIsItsReferenceAndOneThatIsSmallIsThere() throws Exception {
    String loop =
        """
          - step: start
            loop: {in: 200, iterator: i, spec: {mode: parallel}}
            tool: {kind: noop, result: "%s"}
        """;
    Map<?, ?> small = (Map<?, ?>) result("small", loop.formatted("{{ iter.i }}"));
    List<?> results = (List<?>) small.get("results");
    assertThat(results).hasSize(200);
    assertThat(results.getFirst()).isEqualTo(0L);
    assertThat(results.getLast()).isEqualTo(199L);

    Map<?, ?> large = (Map<?, ?>) result("large", loop.formatted("x".repeat(1000)));
    assertThat(large.get("kind")).isEqualTo("loop_ref");
    Map<String, @Nullable Object> whole =
        client.get("/api/result/resolve?ref=" + large.get("uri")).ok().body();
    assertThat((List<?>) whole.get("results")).hasSize(200);
  }

  @Test
  void aGuardReadsTheResultsOfTheLoopThatHasJustEnded() throws Exception {
    String loop =
        """
          - step: start
            loop: {in: 60, iterator: i, spec: {mode: %s, max_in_flight: 20}}
            tool: {kind: python, input: {i: "{{ iter.i }}"}, code: "result = {'i': i}"}
            set: {sum: "{{ output.results | map(attribute='i') | sum }}"}
            next: {arcs: [{step: end, when: "{{ output[59].i == 59 and output.data | length == 60 }}"}]}
          - {step: end, tool: {kind: noop, result: "{{ ctx.sum }}"}}
        """;

    assertThat(result("par", loop.formatted("parallel"))).isEqualTo(1770L);
    assertThat(result("seq", loop.formatted("sequential"))).isEqualTo(1770L);
  }

  @Test
  void whatIsNoReferenceIsAHardError() throws Exception {
    for (String given : List.of("{{ none }}", "no reference", "noetl://x")) {
      Map<String, Object> ended =
          run("bad", "  - {step: start, tool: {kind: artifact, result_ref: \"" + given + "\"}}\n");
      assertThat(ended.get("status")).isEqualTo("FAILED");
      assertThat(String.valueOf(ended.get("error"))).contains("Invalid artifact config:");
    }
    Map<String, Object> unknown =
        run(
            "unknown",
            "  - {step: start, tool: {kind: result_fetch, ref: \"noetl://execution/{{ execution_id"
                + " }}/result/x/1\"}}\n");
    assertThat(unknown.get("status")).isEqualTo("FAILED");
    assertThat(String.valueOf(unknown.get("error"))).contains("not found");
  }
}
