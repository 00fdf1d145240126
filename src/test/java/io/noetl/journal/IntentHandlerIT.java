package io.noetl.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.command.Claim;
import io.noetl.command.CommandQueue;
import io.noetl.command.CommandQueue.ClaimRequest;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionSettings;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.Rejection;
import io.noetl.playbook.value.Outcome;
import io.noetl.postgres.Database;
import io.noetl.testing.TestEngine;
import io.noetl.testing.TestPostgres;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
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

/** Decisions on a real database: I1, I2, I3, I6 and I8, by one server and by two. */
final class IntentHandlerIT {
  private static Database database;
  private static TestEngine one;
  private static TestEngine two;
  private static long chain;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    one = new TestEngine(database, 1);
    two = new TestEngine(database, 2);
    chain =
        TestEngine.define(
            """
            workflow:
              - {step: start, tool: {kind: python, code: "x"}, next: b}
              - {step: b, tool: {kind: python, code: "x"}, next: c}
              - {step: c, tool: {kind: python, code: "x"}}
            """);
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
    database.close();
  }

  private static Claim.Granted claim(TestEngine engine, long commandId, String worker)
      throws SQLException {
    Claim claim =
        engine
            .commands
            .claim(List.of(new ClaimRequest(commandId, worker, Duration.ofSeconds(30))))
            .getFirst();
    assertThat(claim).isInstanceOf(Claim.Granted.class);
    return (Claim.Granted) claim;
  }

  private static long open(TestEngine engine, long execution) {
    return engine.intents.state(execution).commands().keySet().iterator().next();
  }

  private static IntentReply report(TestEngine engine, Claim.Granted claim, @Nullable Take take) {
    return engine.intents.handle(
        "default",
        claim.executionId(),
        new ExecutionIntent.AcceptReport(
            claim.commandId(),
            Outcome.success(Map.of("ok", true)),
            List.of(),
            claim.attempt(),
            claim.fence(),
            "w",
            claim.claimedAt()),
        take,
        null,
        null);
  }

  @Test
  void runsAChainToItsEndAndKeepsADenseLog() throws Exception {
    long execution = one.start(chain, Map.of("n", 1L));

    for (int i = 0; i < 3; i++) {
      assertThat(report(one, claim(one, open(one, execution), "w"), null))
          .isInstanceOf(IntentReply.Accepted.class);
    }

    assertThat(one.journal.read(execution, 0))
        .extracting(event -> event.seq())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    ExecutionState replayed = ExecutionState.replay(execution, one.journal.read(execution, 0));
    assertThat(replayed.status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(count("select count(*) from noetl.command where execution_id = " + execution))
        .isZero();
    assertThat(
            count(
                "select seq from noetl.execution where status = 'COMPLETED' and ended_at is not"
                    + " null and execution_id = "
                    + execution))
        .isEqualTo(8);
  }

  @Test
  void handsTheNextCommandBackAlreadyClaimed() throws Exception {
    long execution = one.start(chain, Map.of());

    IntentReply reply =
        report(one, claim(one, open(one, execution), "w"), new Take("w", "shared", 1));

    IntentReply.Accepted accepted = (IntentReply.Accepted) reply;
    assertThat(accepted.handedBack()).hasSize(1);
    long next = accepted.handedBack().getFirst().commandId();
    assertThat(one.commands.holders(List.of(next)).get(next).fence()).isEqualTo(1);
    assertThat(
            count(
                "select count(*) from noetl.event_outbox where hint_pool is not null and event_id"
                    + " = "
                    + next))
        .as("no hint for a command that is claimed already")
        .isZero();
  }

  @Test
  void refusesAReportWithAStaleFenceAndWritesNothing() throws Exception {
    long execution = one.start(chain, Map.of());
    Claim.Granted first = claim(one, open(one, execution), "w1");
    expire(first);
    Claim.Granted second = claim(one, first.commandId(), "w2");
    assertThat(second.fence()).isEqualTo(first.fence() + 1);

    IntentReply late = report(one, first, null);

    assertThat(late).isInstanceOf(IntentReply.Rejected.class);
    assertThat(((IntentReply.Rejected) late).reason()).isEqualTo(Rejection.STALE_FENCE);
    assertThat(one.journal.read(execution, 0)).hasSize(3);
    assertThat(report(one, second, null)).isInstanceOf(IntentReply.Accepted.class);
  }

  @Test
  void theSameWorkerThatClaimsAgainGetsTheSameFenceAndAnotherLearnsWhoHasIt() throws Exception {
    long execution = one.start(chain, Map.of());
    Claim.Granted first = claim(one, open(one, execution), "w1");

    assertThat(claim(one, first.commandId(), "w1").fence()).isEqualTo(first.fence());
    Claim other =
        one.commands
            .claim(List.of(new ClaimRequest(first.commandId(), "w2", Duration.ofSeconds(30))))
            .getFirst();
    assertThat(other).isInstanceOf(Claim.LeaseActive.class);
    assertThat(((Claim.LeaseActive) other).claimedBy()).isEqualTo("w1");
  }

  @Test
  void aServerWithAnOldCachedStateFollowsTheLogBeforeItRefuses() throws Exception {
    long execution = one.start(chain, Map.of());
    report(one, claim(one, open(one, execution), "w"), null);
    // Server two has never seen this execution; it goes on, and one's cache is then behind.
    report(two, claim(two, open(two, execution), "w"), null);

    IntentReply last = report(one, claim(one, open(two, execution), "w"), null);

    assertThat(last).isInstanceOf(IntentReply.Accepted.class);
    assertThat(((IntentReply.Accepted) last).state().status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  void twoServersOnOneExecutionLoseAndDoubleNothing() throws Exception {
    long wide =
        TestEngine.define(
            """
            workflow:
              - step: start
                tool: {kind: noop}
                next: [a, b, c, d, e, f, g, h]
              - {step: a, tool: {kind: python, code: "x"}, next: join}
              - {step: b, tool: {kind: python, code: "x"}, next: join}
              - {step: c, tool: {kind: python, code: "x"}, next: join}
              - {step: d, tool: {kind: python, code: "x"}, next: join}
              - {step: e, tool: {kind: python, code: "x"}, next: join}
              - {step: f, tool: {kind: python, code: "x"}, next: join}
              - {step: g, tool: {kind: python, code: "x"}, next: join}
              - {step: h, tool: {kind: python, code: "x"}, next: join}
              - {step: join, tool: {kind: noop}}
            """);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 20; round++) {
        long execution = one.start(wide, Map.of());
        List<Long> open = List.copyOf(one.intents.state(execution).commands().keySet());
        List<Callable<IntentReply>> reports = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
          TestEngine engine = i % 2 == 0 ? one : two;
          long command = open.get(i);
          reports.add(() -> report(engine, claim(engine, command, "w"), null));
        }
        for (Future<IntentReply> reply : threads.invokeAll(reports)) {
          assertThat(reply.get()).isInstanceOf(IntentReply.Accepted.class);
        }
        ExecutionState replayed = ExecutionState.replay(execution, one.journal.read(execution, 0));
        assertThat(replayed.status()).isEqualTo(ExecutionStatus.COMPLETED);
        assertThat(replayed.step("join").finished()).isEqualTo(1);
        assertThat(replayed.stepsDone()).isEqualTo(10);
      }
    }
  }

  @Test
  void oneStartWithAKeyBeginsOneExecutionHoweverOftenItIsRepeated() throws Exception {
    long first = one.ids.next();
    ExecutionIntent.Start start =
        new ExecutionIntent.Start(
            chain, "spec/t", 1, Map.of(), null, null, null, ExecutionSettings.DEFAULT);
    assertThat(one.intents.handle("default", first, start, null, "key-1", "digest"))
        .isInstanceOf(IntentReply.Accepted.class);

    assertThat(two.intents.handle("default", two.ids.next(), start, null, "key-1", "digest"))
        .isEqualTo(new IntentReply.Duplicate(first, true));
    assertThat(one.intents.handle("default", one.ids.next(), start, null, "key-1", "other"))
        .isEqualTo(new IntentReply.Duplicate(first, false));
  }

  @Test
  void aLeaseThatRanOutIsOfferedAgainAndAtLastBuried() throws Exception {
    long execution = one.start(chain, Map.of());
    long command = open(one, execution);
    for (int attempt = 1; attempt <= 3; attempt++) {
      Claim.Granted claim = claim(one, command, "w" + attempt);
      expire(claim);
    }

    assertThat(one.intents.state(execution).status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(one.commands.row(command))
        .satisfies(row -> assertThat(row.status()).isEqualTo("DEAD"));
  }

  @Test
  void oneExecutionWithADamagedLogDoesNotStopTheOthersOfItsBatch() throws Exception {
    LaneLimits single = new LaneLimits(1, 256, 1_000, 8, 1_000);
    try (TestEngine fresh = new TestEngine(database, 4, single)) {
      long damaged = one.start(chain, Map.of());
      execute(
          "update noetl.event_outbox set payload = '{\"schema_name\":\"nonsense\"}' where seq = 1"
              + " and execution_id = "
              + damaged);
      List<Long> healthy = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        healthy.add(one.start(chain, Map.of()));
      }
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<IntentReply>> replies = new ArrayList<>();
        for (long execution : healthy) {
          replies.add(
              threads.submit(
                  () ->
                      fresh.intents.handle(
                          "default", execution, new ExecutionIntent.Cancel("enough"))));
        }
        Future<IntentReply> broken =
            threads.submit(
                () ->
                    fresh.intents.handle("default", damaged, new ExecutionIntent.Cancel("enough")));

        for (Future<IntentReply> reply : replies) {
          assertThat(reply.get()).isInstanceOf(IntentReply.Accepted.class);
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(broken::get)
            .hasRootCauseInstanceOf(CorruptLogException.class)
            .rootCause()
            .hasMessageContaining("execution=" + damaged)
            .hasMessageContaining("seq=1");
      }
    }
  }

  @Test
  void cancelEndsEveryOpenCommandWhoeverHoldsIt() throws Exception {
    long execution = one.start(chain, Map.of());
    Claim.Granted claim = claim(one, open(one, execution), "w");

    one.intents.handle("default", execution, new ExecutionIntent.Cancel("enough"));

    assertThat(one.commands.row(claim.commandId())).isNull();
    assertThat(((IntentReply.Rejected) report(one, claim, null)).reason())
        .isEqualTo(Rejection.ALREADY_TERMINAL);
    assertThat(
            one.commands.heartbeat(
                List.of(
                    new io.noetl.command.CommandQueue.Beat(claim.commandId(), claim.fence(), "w")),
                Duration.ofSeconds(30)))
        .isEmpty();
  }

  @Test
  void manyExecutionsAtOnceShareStatements() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Long>> runs = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        TestEngine engine = i % 2 == 0 ? one : two;
        runs.add(
            () -> {
              long execution = engine.start(chain, Map.of("i", 1L));
              for (int step = 0; step < 3; step++) {
                report(engine, claim(engine, open(engine, execution), "w"), null);
              }
              return execution;
            });
      }
      for (Future<Long> run : threads.invokeAll(runs)) {
        long execution = run.get();
        assertThat(ExecutionState.replay(execution, one.journal.read(execution, 0)).status())
            .isEqualTo(ExecutionStatus.COMPLETED);
      }
    }
  }

  private static void expire(Claim.Granted claim) throws SQLException {
    execute(
        "update noetl.command set lease_until = now() - interval '1 second' where command_id = "
            + claim.commandId());
    // Nobody has it any more, and nobody gets it before the log has been told.
    Claim found =
        one.commands
            .claim(List.of(new ClaimRequest(claim.commandId(), "w9", Duration.ofSeconds(30))))
            .getFirst();
    assertThat(((Claim.LeaseActive) found).ranOut())
        .isEqualTo(
            new CommandQueue.Expired(
                claim.commandId(),
                claim.executionId(),
                "default",
                claim.attempt(),
                3,
                claim.fence(),
                ((Claim.LeaseActive) found).claimedBy()));
    IntentReply reply =
        one.intents.handle(
            "default",
            claim.executionId(),
            new ExecutionIntent.ExpireLease(
                claim.commandId(),
                claim.attempt(),
                3,
                claim.fence(),
                ((Claim.LeaseActive) found).claimedBy()));
    assertThat(reply).isInstanceOf(IntentReply.Accepted.class);
  }

  private static void execute(String sql) throws SQLException {
    try (var connection = database.dataSource(Database.Pool.BACKGROUND).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long count(String sql) throws SQLException {
    try (var connection = database.dataSource(Database.Pool.BACKGROUND).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    }
  }
}
