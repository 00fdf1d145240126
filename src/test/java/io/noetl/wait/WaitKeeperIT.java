package io.noetl.wait;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.Awaited;
import io.noetl.execution.ExecutionEvent.WaitOpened;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.Rejection;
import io.noetl.journal.IntentReply;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.postgres.Database;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Children and their parents on a real database, with crashes between any two commits. */
final class WaitKeeperIT {
  private static final String ROUTING_CHILD =
      """
      workflow:
        - {step: start, tool: {kind: noop, result: {n: "{{ n }}"}}}
      """;
  private static final String WORKING_CHILD =
      """
      workflow:
        - {step: start, tool: {kind: python, code: "x"}}
      """;

  private Database database;
  private WaitEngine one;
  private final List<WaitEngine> engines = new ArrayList<>();

  @BeforeEach
  void start() {
    database = TestPostgres.open();
    one = engine(1);
    one.register("p/routing", ROUTING_CHILD);
    one.register("p/working", WORKING_CHILD);
    one.register("p/async", parent("path: p/routing"));
    one.register("p/step", parent("path: p/working, return_step: start"));
    one.register("p/result", parent("path: p/working, return_result: true"));
  }

  @AfterEach
  void stop() {
    try {
      Invariants.check(database.config());
    } finally {
      engines.forEach(WaitEngine::close);
      database.close();
    }
  }

  private WaitEngine engine(int machine) {
    WaitEngine engine = new WaitEngine(database, machine);
    engines.add(engine);
    return engine;
  }

  private static String parent(String tool) {
    return """
    workflow:
      - {step: start, tool: {kind: playbook, %s}, next: end}
      - {step: end, tool: {kind: noop, result: "{{ start }}"}}
    """
        .formatted(tool);
  }

  private long count(String sql) {
    return database.autocommit(
        Database.Pool.BACKGROUND,
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
          }
        });
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  private long children(long parent) {
    return count("select count(*) from noetl.execution where parent_execution_id = " + parent);
  }

  private static Awaited.Child asked(ExecutionState parent) {
    return (Awaited.Child) parent.waits().values().iterator().next().opened().awaited();
  }

  @Test
  @DisplayName("9.9: a child that is only started ends the step at once")
  void startsAChildAndGoesOn() {
    one.keep();
    ExecutionState parent = one.completed(one.start("p/async", Map.of()));

    assertThat(map(parent.step("start").outcome().data()))
        .containsEntry("status", "started")
        .containsEntry("path", "p/routing")
        .containsEntry("async", true);
    long child =
        Long.parseLong((map(parent.step("start").outcome().data())).get("execution_id").toString());
    assertThat(one.completed(child).begun().parentExecutionId()).isEqualTo(parent.executionId());
  }

  @Test
  @DisplayName("9.9: a parent goes on with the value of its child")
  void goesOnWithTheValueOfTheChild() throws Exception {
    one.keep();
    long parent = one.start("p/step", Map.of());
    long child = one.children(parent, 1).getFirst();
    assertThat(one.state(parent).commands()).isEmpty();

    one.work(child, Outcome.success(Map.of("v", 5L)));

    assertThat(map(one.completed(parent).result()))
        .containsEntry("v", 5L)
        .containsEntry("status", "COMPLETED")
        .containsEntry("execution_id", Long.toString(child));
  }

  @Test
  @DisplayName(
      "9.9: a failed child fails the step hard with return_result, softly with return_step")
  void tellsOfAFailedChild() throws Exception {
    one.keep();
    long hard = one.start("p/result", Map.of());
    long soft = one.start("p/step", Map.of());

    for (long parent : List.of(hard, soft)) {
      one.work(
          one.children(parent, 1).getFirst(),
          Outcome.hard(Errors.of("connection", "CONN_REFUSED", "refused", true)));
    }

    assertThat(one.ended(hard).error()).contains("child playbook p/working (").contains("refused");
    assertThat(map(one.completed(soft).result())).containsEntry("status", "FAILED");
  }

  @Test
  @DisplayName(
      "9.9: unknown path, archived playbook and something that is no playbook are hard errors")
  void refusesWhatCannotBeStarted() {
    one.keep();
    one.register("p/old", ROUTING_CHILD);
    one.catalog.archive("default", "p/old", null, null);
    one.register("p/unknown-path", parent("path: p/nowhere"));
    one.register("p/unknown-version", parent("path: p/routing, version: 99"));
    one.register("p/archived", parent("path: p/old"));

    assertThat(one.ended(one.start("p/unknown-path", Map.of())).error())
        .isEqualTo(
            "Failed steps: start: Failed to start child playbook: p/nowhere not found in the"
                + " catalog");
    assertThat(one.ended(one.start("p/unknown-version", Map.of())).error())
        .contains("p/routing version 99 not found in the catalog");
    assertThat(one.ended(one.start("p/archived", Map.of())).error())
        .contains("every version of p/old is archived");
  }

  @Test
  @DisplayName("17: nesting deeper than playbook.max-child-depth is a hard error that names it")
  void refusesToNestTooDeep() {
    one.keep();
    one.register("p/self", parent("path: p/self, return_result: true"));

    ExecutionState root = one.ended(one.start("p/self", Map.of()));

    assertThat(root.error())
        .contains(
            "Failed to start child playbook: it would be nested deeper than 16"
                + " (playbook.max-child-depth)");
    assertThat(count("select count(*) from noetl.execution")).isEqualTo(17);
  }

  @Test
  @DisplayName("12: a parallel loop of 100 children")
  void runsAHundredChildrenAtOnce() {
    one.keep();
    WaitEngine two = engine(2).keep();
    one.register(
        "p/loop",
        """
        workflow:
          - step: start
            loop: {in: 100, iterator: n, spec: {mode: parallel, max_in_flight: 100}}
            tool: {kind: playbook, path: p/routing, input: {n: "{{ iter.n }}"}, return_step: start}
            next: end
          - {step: end, tool: {kind: noop, result: "{{ start.results }}"}}
        """);

    ExecutionState parent = two.completed(two.start("p/loop", Map.of()));

    List<?> results = (List<?>) parent.result();
    assertThat(results).hasSize(100);
    for (int i = 0; i < 100; i++) {
      assertThat(((Map<?, ?>) results.get(i)).get("n")).isEqualTo((long) i);
    }
    assertThat(children(parent.executionId())).isEqualTo(100);
  }

  @Test
  @DisplayName("I7: a server that dies before it starts the child leaves it to another")
  void anotherServerStartsTheChildOfADeadOne() throws Exception {
    long parent = one.start("p/step", Map.of());
    assertThat(children(parent)).as("one acts upon no wait").isZero();
    assertThat(asked(one.state(parent)).executionId()).isPositive();
    WaitEngine two = engine(2).sweep();

    long child = two.children(parent, 1).getFirst();
    assertThat(child).isEqualTo(asked(one.state(parent)).executionId());
    // Nor does one tell the parent.
    one.work(child, Outcome.success(Map.of("v", 1L)));

    two.completed(parent);
    assertThat(children(parent)).isEqualTo(1);
  }

  @Test
  @DisplayName("lessons C3: a start that is repeated, by any server, makes no second child")
  void repeatedStartsMakeOneChild() throws Exception {
    long parent = one.start("p/step", Map.of());
    WaitEngine two = engine(2);
    long waitId = one.state(parent).waits().keySet().iterator().next();
    Awaited.Child child = asked(one.state(parent));
    ExecutionIntent.Start start =
        new ExecutionIntent.Start(
            one.catalog.headByPath("default", "p/working", null).orElseThrow().catalogId(),
            "p/working",
            1,
            child.payload(),
            parent,
            waitId,
            null,
            ExecutionSettings.DEFAULT);
    List<Callable<IntentReply>> starts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      WaitEngine engine = i % 2 == 0 ? one : two;
      starts.add(() -> engine.intents.handle("default", child.executionId(), start));
    }
    int accepted = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<IntentReply> reply : threads.invokeAll(starts)) {
        assertThat(reply.get())
            .isInstanceOfAny(IntentReply.Accepted.class, IntentReply.Duplicate.class);
        accepted += reply.get() instanceof IntentReply.Accepted ? 1 : 0;
      }
    }

    assertThat(accepted).isEqualTo(1);
    assertThat(children(parent)).isEqualTo(1);
    two.work(child.executionId(), Outcome.success(1L));
    // Both deliver the end, again and again: it counts once.
    for (WaitEngine engine : List.of(one, two, one)) {
      engine.keeper.answered("default", waitId, engine.state(child.executionId()));
    }
    one.completed(parent);
    assertThat(two.intents.handle("default", child.executionId(), start))
        .isEqualTo(
            new IntentReply.Rejected(
                Rejection.WAIT_NOT_OPEN, "wait " + waitId + " of the parent is not open any more"));
  }

  @Test
  @DisplayName("9.9: a timer survives its server; the child keeps running and ends for nobody")
  void timesOutWhileTheServerWasDown() throws Exception {
    one.register("p/slow", parent("path: p/working, return_step: start, timeout: 1s"));
    long parent = one.start("p/slow", Map.of());
    engine(2).sweep();

    ExecutionState ended = one.completed(parent);

    assertThat(map(ended.result())).containsEntry("status", "timeout");
    long child = one.children(parent, 1).getFirst();
    one.work(child, Outcome.success(1L));
    assertThat(one.completed(child).status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(one.state(parent).seq()).isEqualTo(ended.seq());
  }

  @Test
  @DisplayName("13.9: cancelling reaches children and theirs, also when the server dies in between")
  void cancelsTheWholeTreeEvenIfTheServerDies() {
    one.register("p/middle", parent("path: p/step, return_result: true"));
    WaitEngine two = engine(2).keep();
    one.keep();
    long root = one.start("p/middle", Map.of());
    long middle = one.children(root, 1).getFirst();
    long leaf = one.children(middle, 1).getFirst();

    // The intent alone: whoever sent it dies before it visits the children.
    one.intents.handle("default", root, new ExecutionIntent.Cancel("enough"));

    for (long execution : List.of(root, middle, leaf)) {
      assertThat(two.ended(execution).status()).isEqualTo(ExecutionStatus.CANCELLED);
      assertThat(two.state(execution).error()).isEqualTo("enough");
    }
    noRowsAreLeft();
  }

  @Test
  @DisplayName("api 4.2: cascade:false leaves the children running")
  void leavesChildrenWhenToldTo() throws Exception {
    one.keep();
    long root = one.start("p/step", Map.of());
    long child = one.children(root, 1).getFirst();

    one.intents.handle("default", root, new ExecutionIntent.Cancel("enough", false));

    assertThat(one.state(root).status()).isEqualTo(ExecutionStatus.CANCELLED);
    noRowsAreLeft();
    one.work(child, Outcome.success(1L));
    one.completed(child);
  }

  @Test
  @DisplayName("I11: a child of a parent that was cancelled first is never started")
  void neverStartsAChildOfACancelledParent() {
    long parent = one.start("p/step", Map.of());
    long waitId = one.state(parent).waits().keySet().iterator().next();
    Awaited.Child child = asked(one.state(parent));
    WaitOpened opened = one.state(parent).waits().get(waitId).opened();
    one.intents.handle("default", parent, new ExecutionIntent.Cancel("enough"));

    engine(2).keep().keeper.opened("default", parent, waitId, opened);

    noRowsAreLeft();
    assertThat(one.state(child.executionId()).started()).isNull();
  }

  @Test
  @DisplayName("I7: parents and children on two servers that both act, all at once")
  void twoServersLoseAndDoubleNothing() {
    one.keep();
    WaitEngine two = engine(2).keep();
    one.register("p/deep", parent("path: p/async, return_result: true"));
    List<Long> parents = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      WaitEngine engine = i % 2 == 0 ? one : two;
      parents.add(engine.start(i % 3 == 0 ? "p/async" : "p/deep", Map.of()));
    }

    for (long parent : parents) {
      two.completed(parent);
      assertThat(children(parent)).isEqualTo(1);
    }
    Waiting.until(
        TestPostgres.PATIENCE,
        () -> "all executions end",
        () -> count("select count(*) from noetl.execution where ended_at is null") == 0);
    noRowsAreLeft();
  }

  private void noRowsAreLeft() {
    Waiting.until(
        TestPostgres.PATIENCE,
        () -> count("select count(*) from noetl.wait") + " waits are left",
        () -> count("select count(*) from noetl.wait") == 0);
  }
}
