package io.noetl.result;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.execution.KnownData.Missing;
import io.noetl.execution.KnownData.Value;
import io.noetl.journal.IntentReply;
import io.noetl.json.Json;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.OutputOptions;
import io.noetl.playbook.value.References;
import io.noetl.postgres.Database;
import io.noetl.testing.TestEngine;
import io.noetl.testing.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Data out of line on a real database: lanes get it when a template touches it. */
final class StoredResultsIT {
  private static Database database;
  private static TestEngine engine;
  private static ResultStore store;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    engine = new TestEngine(database, 1);
    store = new ResultStore(database);
  }

  @AfterAll
  static void stop() {
    engine.close();
    database.close();
  }

  private static Outcome stored(
      long execution, Map<String, @Nullable Object> data, long commandId) {
    StoredResult result =
        store.put(
            new NewStoredResult(
                engine.ids.next(),
                execution,
                "default",
                "start",
                "start",
                commandId,
                1,
                "execution",
                "application/json",
                Json.bytes(data),
                null,
                OutputOptions.NONE.described(Map.of(), data)));
    return References.with(Outcome.success(null), null, result.reference());
  }

  private static Map<String, @Nullable Object> rows(int n) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    List<Object> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      rows.add(Map.of("id", (long) i, "pad", "x".repeat(100)));
    }
    data.put("rows", rows);
    return data;
  }

  private static IntentReply report(long execution, OpenCommand command, Outcome outcome)
      throws Exception {
    engine.commands.claim(
        List.of(
            new io.noetl.command.CommandQueue.ClaimRequest(
                command.commandId(), "w", Duration.ofSeconds(30))));
    return engine.intents.handle(
        "default",
        execution,
        new ExecutionIntent.AcceptReport(command.commandId(), outcome, List.of(), 1, 1, "w", null));
  }

  private static OpenCommand open(long execution) {
    return engine.intents.state(execution).commands().values().iterator().next();
  }

  private static ExecutionState replayed(long execution) throws Exception {
    return ExecutionState.replay(execution, engine.journal.read(execution, 0));
  }

  @Test
  void aGuardReadsStoredDataAndTheReplayNeedsNone() throws Exception {
    long execution =
        engine.start(
            TestEngine.define(
                """
                workflow:
                  - step: start
                    tool: {kind: python, code: "x"}
                    set: {third: "{{ output.rows[2] }}", all: "{{ output.data.rows }}"}
                    next: {arcs: [{step: end, when: "{{ output.rows | length == 2000 }}"}]}
                  - {step: end, tool: {kind: noop, result: {third: "{{ third.id }}", n: "{{ all | length }}"}}}
                """),
            Map.of());
    OpenCommand command = open(execution);
    IntentReply reply =
        report(execution, command, stored(execution, rows(2_000), command.commandId()));

    assertThat(reply).isInstanceOf(IntentReply.Accepted.class);
    ExecutionState state = replayed(execution);
    assertThat(state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(state.result()).isEqualTo(Map.of("third", 2L, "n", 2_000L));
    assertThat(References.ofMarked(state.ctx().get("all"))).isNotNull();
    assertThat(state).isEqualTo(((IntentReply.Accepted) reply).state());
  }

  @Test
  void whatIsNotThereFailsTheExecutionWithItsReference() throws Exception {
    long execution =
        engine.start(
            TestEngine.define(
                """
                workflow:
                  - step: start
                    tool: {kind: python, code: "x"}
                    next: {arcs: [{step: end, when: "{{ output.rows | length == 2000 }}"}]}
                """),
            Map.of());
    Outcome lost =
        References.with(
            Outcome.success(null),
            null,
            Map.of("uri", "noetl://execution/" + execution + "/result/start/1"));

    assertThat(report(execution, open(execution), lost)).isInstanceOf(IntentReply.Accepted.class);

    assertThat(replayed(execution).error()).contains("/result/start/1").contains("there is none");
  }

  @Test
  void theLastIterationsOfALoopAreReadThoughManyEndAtOnce() throws Exception {
    long execution =
        engine.start(
            TestEngine.define(
                """
                workflow:
                  - step: start
                    loop: {in: 64, iterator: i, spec: {mode: parallel, max_in_flight: 64}}
                    tool: {kind: python, code: "x"}
                    next: {arcs: [{step: end, when: "{{ output.results | sum == 2016 }}"}]}
                  - {step: end, tool: {kind: noop, result: "{{ start[63] }}"}}
                """),
            Map.of());
    List<OpenCommand> open = List.copyOf(engine.intents.state(execution).commands().values());
    assertThat(open).hasSize(64);

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<IntentReply>> reports = new ArrayList<>();
      for (OpenCommand command : open) {
        Integer iteration = command.iteration();
        reports.add(
            () ->
                report(
                    execution,
                    command,
                    Outcome.success(iteration == null ? null : (Object) iteration.longValue())));
      }
      for (Future<IntentReply> reply : threads.invokeAll(reports)) {
        assertThat(reply.get()).isInstanceOf(IntentReply.Accepted.class);
      }
    }

    ExecutionState state = replayed(execution);
    assertThat(state.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(state.result()).isEqualTo(63L);
  }

  @Test
  void aTenantReadsItsOwnAndTheCacheIsBounded() throws Exception {
    long execution = engine.ids.next();
    Outcome outcome = stored(execution, rows(10), 77);
    Map<String, @Nullable Object> reference = outcome.reference();
    String uri = String.valueOf(reference == null ? null : References.uri(reference));
    StoredResults results = new StoredResults(database, new ResultLimits(64 << 20, 3_000, 10));

    assertThat(results.load("other", uri)).isInstanceOf(Missing.class);
    assertThat(results.cached("default", uri)).isNull();
    assertThat(results.load("default", uri)).isEqualTo(new Value(rows(10)));
    assertThat(results.cached("default", uri)).isNotNull();
    assertThat(results.cached("other", uri)).isNull();
    for (int i = 0; i < 5; i++) {
      Map<String, @Nullable Object> other = stored(execution, rows(10 + i), 78 + i).reference();
      results.load("default", String.valueOf(other == null ? null : References.uri(other)));
    }
    assertThat(results.cached("default", uri)).isNull();
  }
}
