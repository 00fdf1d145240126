package io.noetl.wait;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionState;
import io.noetl.journal.IntentReply;
import io.noetl.playbook.value.Outcome;
import io.noetl.postgres.Database;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Timers and signals on a real database, by two servers, with a server that dies in between. */
final class TimerIT {
  private Database database;
  private final List<WaitEngine> engines = new ArrayList<>();
  private WaitEngine one;
  private WaitEngine two;

  @BeforeEach
  void start() {
    database = TestPostgres.open();
    one = engine(1);
    two = engine(2);
    one.register("p/nap", waiting("seconds: \"{{ workload.s }}\""));
    one.register("p/until", waiting("until: \"{{ workload.at }}\""));
    one.register("p/ask", waiting("signal: go, timeout: \"{{ workload.s | default(3600) }}\""));
    one.register("p/open", waiting("signal: go"));
    one.register(
        "p/two",
        """
        workflow:
          - {step: start, tool: {kind: python, code: "x"}, next: ask}
          - {step: ask, tool: {kind: wait, signal: go}}
        """);
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

  private static String waiting(String tool) {
    return "workload: {s: 0.05}\nworkflow:\n  - {step: start, tool: {kind: wait, " + tool + "}}\n";
  }

  private String text(String sql) {
    return database.autocommit(
        Database.Pool.BACKGROUND,
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "nothing";
          }
        });
  }

  private static IntentReply signal(WaitEngine at, long execution, String key) {
    return at.intents.handle(
        "default", execution, new ExecutionIntent.Signal("go", Map.of("k", key), key));
  }

  @Test
  void aTimerIsARowUntilItsTimeIsOver() {
    long execution = one.start("p/nap", Map.of("s", 0.2));
    assertThat(
            text(
                "select kind || ' ' || state || ' ' || (due_at = expires_at) || ' ' || (expires_at"
                    + " between now() - interval '5 s' and now() + interval '5 s') from noetl.wait"
                    + " where execution_id = "
                    + execution))
        .isEqualTo("timer WAIT true true");
    one.keep();

    ExecutionState ended = one.completed(execution);

    assertThat(Duration.between(ended.startedAt(), ended.endedAt()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(150));
    assertThat(text("select count(*) from noetl.wait")).isEqualTo("0");
  }

  /** Looks by itself once, at its start, and then not again within a test. */
  private WaitEngine dozing(int machine) {
    WaitEngine engine =
        new WaitEngine(
            database,
            machine,
            new WaitSettings(Duration.ofHours(1), Duration.ofHours(1), 32, 10_000, 16));
    engines.add(engine);
    return engine;
  }

  @Test
  void aTimerEndsAtItsTimeWithoutASweep() {
    WaitEngine engine = dozing(3);
    engine.keep();
    long later = engine.start("p/nap", Map.of("s", 0.4));
    long sooner = engine.start("p/nap", Map.of("s", 0.2));
    long unanswered = engine.start("p/ask", Map.of("s", 0.3));

    engine.completed(sooner);
    assertThat(engine.ended(unanswered).status()).isEqualTo(ExecutionStatus.FAILED);
    engine.completed(later);
  }

  @Test
  void aMomentIsWaitedForByTheDatabasesClockWithoutASweep() {
    WaitEngine engine = dozing(3);
    engine.keep();

    engine.completed(
        engine.start("p/until", Map.of("at", Instant.now().plusSeconds(1).toString())));
  }

  @Test
  void aServerThatStartsKnowsTheTimersOfOthers() {
    List<Long> naps = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      naps.add(one.start("p/nap", Map.of("s", i * 0.3)));
    }

    WaitEngine engine = dozing(3).sweep();

    naps.forEach(engine::completed);
  }

  @Test
  void aTimerOfAServerThatDiedIsEndedByAnotherAndOnce() {
    // Server one only decides, as if it died after each commit; two and three sweep at once.
    List<Long> naps = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      naps.add(one.start("p/nap", Map.of("s", 0.1)));
    }
    two.sweep();
    engine(3).sweep();

    for (long nap : naps) {
      assertThat(two.completed(nap).seq()).as("three events: no end is doubled").isEqualTo(4);
    }
  }

  @Test
  void aMomentInThePastIsOverAtOnceAndOneInTheFutureIsNot() {
    one.keep();
    long past = one.start("p/until", Map.of("at", "2001-01-01T00:00:00Z"));
    long future = one.start("p/until", Map.of("at", Instant.now().plusSeconds(3600).toString()));

    one.completed(past);

    assertThat(one.state(future).status()).isEqualTo(ExecutionStatus.RUNNING);
    one.intents.handle("default", future, new ExecutionIntent.Cancel("test"));
    assertThat(text("select count(*) from noetl.wait where kind = 'timer'")).isEqualTo("0");
  }

  @Test
  void aWaitForASignalRunsOutByTheDatabasesClock() {
    one.keep();
    long execution = one.start("p/ask", Map.of("s", 0.1));

    ExecutionState ended = one.ended(execution);

    assertThat(ended.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(ended.error()).contains("no signal 'go' came within 0.1 s (timeout)");
  }

  @Test
  void aWaitWithoutATimeoutIsNeverDue() {
    one.keep();
    long execution = one.start("p/open", Map.of());
    assertThat(text("select due_at::text from noetl.wait where execution_id = " + execution))
        .isEqualTo("infinity");

    assertThat(signal(two, execution, "a")).isInstanceOf(IntentReply.Accepted.class);

    assertThat(one.completed(execution).step("start").outcome().data())
        .isEqualTo(Map.of("status", "ok", "signal", "go", "data", Map.of("k", "a")));
  }

  @Test
  void aSignalOutlivesTheServerThatTookIt() throws Exception {
    long execution = one.start("p/two", Map.of());
    assertThat(signal(one, execution, "early")).isInstanceOf(IntentReply.Accepted.class);
    one.close();
    engines.remove(one);

    two.work(execution, Outcome.success(Map.of()));

    assertThat(two.completed(execution).step("ask").outcome().data())
        .isEqualTo(Map.of("status", "ok", "signal", "go", "data", Map.of("k", "early")));
    assertThat(text("select count(*) from noetl.wait")).isEqualTo("0");
  }

  @Test
  void oneOfManyEqualSignalsAtTwoServersIsTaken() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 10; round++) {
        long execution = one.start("p/open", Map.of());
        List<Callable<IntentReply>> sends = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          WaitEngine at = i % 2 == 0 ? one : two;
          sends.add(() -> signal(at, execution, "same"));
        }
        int written = 0;
        for (Future<IntentReply> reply : threads.invokeAll(sends)) {
          assertThat(reply.get()).isInstanceOf(IntentReply.Accepted.class);
          written += ((IntentReply.Accepted) reply.get()).events().isEmpty() ? 0 : 1;
        }
        assertThat(written).isEqualTo(1);
        assertThat(one.completed(execution).seq()).isEqualTo(5);
      }
    }
  }

  @Test
  void aTimerRunsOutDuringAPauseAndTheEndComesWithTheResume() {
    one.keep();
    long execution = one.start("p/nap", Map.of("s", 0.1));
    one.intents.handle("default", execution, new ExecutionIntent.Pause("test"));

    Waiting.until(
        TestPostgres.PATIENCE,
        () -> "the timer ends: " + one.state(execution),
        () -> one.state(execution).waits().isEmpty());

    assertThat(one.state(execution).status()).isEqualTo(ExecutionStatus.PAUSED);
    two.intents.handle("default", execution, new ExecutionIntent.Unpause("test"));
    two.completed(execution);
  }
}
