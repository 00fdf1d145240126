package io.noetl.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.command.Claim;
import io.noetl.command.CommandQueue.ClaimRequest;
import io.noetl.envelope.ExecutionStatus;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionIntent.AcceptReport;
import io.noetl.execution.ExecutionState;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.journal.IntentReply;
import io.noetl.playbook.value.Outcome;
import io.noetl.postgres.Database;
import io.noetl.support.Progress;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestEngine;
import io.noetl.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damage, repair, and the execution goes on to its end. */
class DoctorIT {
  private static final String TENANT = "default";

  private Database database;
  private TestEngine engine;
  private Doctor doctor;

  @BeforeEach
  void start() {
    database = TestPostgres.open();
    engine = new TestEngine(database, 7);
    doctor = doctor(engine);
  }

  @AfterEach
  void close() {
    engine.close();
    database.close();
  }

  private Doctor doctor(TestEngine of) {
    return new Doctor(
        database,
        of.intents,
        Verifier.Settings.DEFAULT,
        new DoctorMetrics(new SimpleMeterRegistry()));
  }

  private void sql(String sql) throws Exception {
    Databases.execute(database.config(), sql);
  }

  private ExecutionState state(long execution) {
    return engine.intents.state(execution);
  }

  /** Claims and reports every open command until none is left. */
  private void finish(long execution) throws Exception {
    for (int i = 0; i < 50 && !state(execution).status().terminal(); i++) {
      for (OpenCommand open : state(execution).commands().values()) {
        report(execution, open.commandId(), "w");
      }
    }
  }

  private IntentReply report(long execution, long command, String worker) throws Exception {
    Claim claim =
        engine
            .commands
            .claim(List.of(new ClaimRequest(command, worker, Duration.ofSeconds(30))))
            .getFirst();
    if (!(claim instanceof Claim.Granted granted)) {
      throw new AssertionError(claim);
    }
    return engine.intents.handle(
        TENANT,
        execution,
        new AcceptReport(
            command,
            Outcome.success(Map.of("n", 1)),
            List.of(),
            granted.attempt(),
            granted.fence(),
            worker,
            granted.claimedAt()));
  }

  private Map<Long, String> contexts(long execution) throws Exception {
    Map<Long, String> contexts = new TreeMap<>();
    for (OpenCommand open : state(execution).commands().values()) {
      var row = engine.commands.row(open.commandId());
      contexts.put(open.commandId(), row == null ? "" : row.contextJson());
    }
    return contexts;
  }

  private void repaired(long execution, Rule... rules) {
    Diagnosis diagnosis = doctor.repair(TENANT, execution);
    assertThat(diagnosis.repairs()).extracting(Diagnosis.Repair::rule).contains(rules);
    assertThat(diagnosis.left()).isEmpty();
    assertThat(doctor.repair(TENANT, execution).repairs()).isEmpty();
  }

  @Test
  void bringsALostCommandBackAsItWas() throws Exception {
    long execution =
        engine.start(
            TestEngine.define(
                """
                workload: {who: Ada}
                workflow:
                  - step: start
                    tool: {kind: noop, result: {n: 4}}
                    next:
                      spec: {mode: inclusive}
                      arcs: [{step: a, set: {ctx.x: 1}}, {step: b, set: {ctx.x: 2}}]
                  - step: a
                    tool: {kind: python, args: {who: "{{ who }}", x: "{{ x }}"}, code: "f"}
                  - step: b
                    tool: {kind: python, args: {n: "{{ start.n }}", x: "{{ x }}"}, code: "g"}
                """),
            Map.of());
    Map<Long, String> before = contexts(execution);
    assertThat(before).hasSize(2);
    sql("delete from noetl.command");
    assertThat(doctor.examine(execution))
        .extracting(Finding::rule)
        .containsExactly(Rule.COMMAND_MISSING, Rule.COMMAND_MISSING);

    repaired(execution, Rule.COMMAND_MISSING);

    assertThat(contexts(execution)).isEqualTo(before);
    finish(execution);
    assertThat(state(execution).status()).isEqualTo(ExecutionStatus.COMPLETED);
    Invariants.check(database.config());
  }

  @Test
  void bringsIterationsBackAsTheyWere() throws Exception {
    long execution =
        engine.start(
            TestEngine.define(
                """
                workflow:
                  - step: start
                    loop: {in: [7, 8, 9], iterator: item, mode: parallel, max_in_flight: 2}
                    tool: {kind: python, args: {v: "{{ item }}", i: "{{ loop_index }}"}, code: "f"}
                """),
            Map.of());
    long first = new TreeSet<>(state(execution).commands().keySet()).first();
    report(execution, first, "w");
    Map<Long, String> before = contexts(execution);
    assertThat(before).hasSize(2);
    sql("delete from noetl.command");

    repaired(execution, Rule.COMMAND_MISSING);

    assertThat(contexts(execution)).isEqualTo(before);
    finish(execution);
    assertThat(state(execution).status()).isEqualTo(ExecutionStatus.COMPLETED);
    Invariants.check(database.config());
  }

  @Test
  void refusesTheReportOfAHolderFromBeforeTheLoss() throws Exception {
    long execution = running();
    long command = state(execution).commands().keySet().iterator().next();
    Claim.Granted old =
        (Claim.Granted)
            engine
                .commands
                .claim(List.of(new ClaimRequest(command, "old", Duration.ofSeconds(30))))
                .getFirst();
    sql("delete from noetl.command");
    repaired(execution, Rule.COMMAND_MISSING);
    engine.commands.claim(List.of(new ClaimRequest(command, "new", Duration.ofSeconds(30))));

    IntentReply late =
        engine.intents.handle(
            TENANT,
            execution,
            new AcceptReport(
                command,
                Outcome.success(1),
                List.of(),
                old.attempt(),
                old.fence(),
                "old",
                old.claimedAt()));

    assertThat(late).isInstanceOf(IntentReply.Rejected.class);
    assertThat(state(execution).status()).isEqualTo(ExecutionStatus.RUNNING);
  }

  @Test
  void opensALostWaitOnceMore() throws Exception {
    long execution = waiting();
    sql("create table w as select * from noetl.wait; delete from noetl.wait");

    repaired(execution, Rule.WAIT_MISSING);

    assertThat(
            Databases.count(
                database.config(),
                """
                select count(*) from noetl.wait a join w b using (wait_id, execution_id, tenant_id,
                  kind, state, step, child_execution_id, until_end)
                 where a.request::text = b.request::text
                """))
        .isEqualTo(1);
    Invariants.check(database.config());
  }

  @Test
  void movesAWaitToWhereItsChildIs() throws Exception {
    long execution = waiting();
    long wait = state(execution).waits().keySet().iterator().next();
    sql("update noetl.wait set state = 'WAIT', due_at = 'infinity'");

    repaired(execution, Rule.CHILD);

    assertThat(
            Databases.count(
                database.config(),
                "select count(*) from noetl.wait where state = 'START' and due_at <= now()"
                    + " and wait_id = "
                    + wait))
        .isEqualTo(1);
  }

  @Test
  void makesARowAgainThatIsBehindItsLog() throws Exception {
    long execution = running();
    sql("update noetl.execution set seq = 1, steps_running = 0, current_step = null");

    repaired(execution, Rule.EXECUTION_ROW);

    finish(execution);
    assertThat(state(execution).status()).isEqualTo(ExecutionStatus.COMPLETED);
    Invariants.check(database.config());
  }

  @Test
  void removesRowsThatNoEventKnows() throws Exception {
    long execution = running();
    sql(
        """
        insert into noetl.command select 5, execution_id, tenant_id, step, visit, iteration,
          tool_kind, pool, status, attempt, max_attempts, fence, worker_id, claimed_at,
          lease_until, due_at, publication, reason, context, created_at from noetl.command;
        insert into noetl.wait values (6, (select execution_id from noetl.execution), 'default',
          'child', 'WAIT', 'start', null, true, '{}', 'infinity', 'infinity')
        """);

    repaired(execution, Rule.WAIT_ORPHAN);

    assertThat(Databases.count(database.config(), "select count(*) from noetl.command"))
        .isEqualTo(1);
    finish(execution);
    assertThat(state(execution).status()).isEqualTo(ExecutionStatus.COMPLETED);
    Invariants.check(database.config());
  }

  @Test
  void replacesADeadRowOfACommandThatIsOpen() throws Exception {
    long execution = running();
    sql("update noetl.command set status = 'DEAD', due_at = 'infinity'");

    repaired(execution, Rule.COMMAND_MISSING);

    finish(execution);
    assertThat(state(execution).status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  void hasAHintRepeatedThatNobodyWouldRepeat() throws Exception {
    long execution = running();
    sql("update noetl.command set due_at = 'infinity'");

    repaired(execution, Rule.COMMAND_OVERDUE);

    assertThat(
            Databases.count(
                database.config(), "select count(*) from noetl.command where due_at <= now()"))
        .isEqualTo(1);
  }

  @Test
  void endsWhatNothingCanBringOn() throws Exception {
    long execution = running();
    sql(
        """
        delete from noetl.event_outbox where seq = 2;
        delete from noetl.command;
        update noetl.execution set seq = 1, current_step = null, steps_total = 0, steps_running = 0
        """);
    try (TestEngine another = new TestEngine(database, 8)) {
      Diagnosis diagnosis = doctor(another).repair(TENANT, execution);

      assertThat(diagnosis.repairs())
          .extracting(Diagnosis.Repair::rule)
          .containsExactly(Rule.STUCK);
      assertThat(another.intents.state(execution).error()).contains("waited for nothing");
    }
    Invariants.check(database.config());
  }

  @Test
  void leavesAloneWhatIsRightAndWhatItCannotRepair() throws Exception {
    long healthy = running();
    assertThat(doctor.repair(TENANT, healthy).found()).isEmpty();
    sql("update noetl.event_outbox set payload = '{}' where seq = 1");

    Diagnosis diagnosis = doctor.repair(TENANT, healthy);

    assertThat(diagnosis.repairs()).isEmpty();
    assertThat(diagnosis.broken()).isTrue();
    assertThat(diagnosis.left()).extracting(Finding::rule).contains(Rule.EVENT_READABLE);
  }

  @Test
  void refusesARepairThatComesTooLate() throws Exception {
    long execution = running();
    ExecutionState seen = state(execution);
    long command = seen.commands().keySet().iterator().next();
    engine.intents.handle(
        TENANT, execution, new ExecutionIntent.SetVariables(null, List.of(), List.of(), Map.of()));

    IntentReply reply =
        engine.intents.handle(
            TENANT,
            execution,
            new ExecutionIntent.Restore(seen.seq(), Map.of(command, seen), Set.of()));

    assertThat(reply).isInstanceOf(IntentReply.Rejected.class);
    assertThat(((IntentReply.Rejected) reply).sentence()).contains("since it was looked at");
  }

  @Test
  void watchesForWhatWaitsForNothing() throws Exception {
    long lost = running();
    long healthy = running();
    sql("delete from noetl.command where execution_id = " + lost);
    DoctorMetrics metrics = new DoctorMetrics(new SimpleMeterRegistry());
    Progress progress = new Progress(System::nanoTime);
    StuckWatch patient =
        new StuckWatch(
            doctor,
            new StuckWatch.Settings(Duration.ofHours(1), Duration.ofHours(1), true),
            metrics,
            progress.loop("patient", Duration.ofHours(3)));
    StuckWatch only =
        new StuckWatch(
            doctor,
            new StuckWatch.Settings(Duration.ofHours(1), Duration.ZERO, false),
            metrics,
            progress.loop("only", Duration.ofHours(3)));
    StuckWatch watch =
        new StuckWatch(
            doctor,
            new StuckWatch.Settings(Duration.ofHours(1), Duration.ZERO, true),
            metrics,
            progress.loop("watch", Duration.ofHours(3)));

    assertThat(patient.round()).isZero();
    assertThat(only.round()).isEqualTo(1);
    assertThat(watch.round()).isEqualTo(1);
    assertThat(watch.round()).isZero();

    finish(lost);
    assertThat(state(lost).status()).isEqualTo(ExecutionStatus.COMPLETED);
    assertThat(state(healthy).seq()).isEqualTo(2);
  }

  private long running() {
    return engine.start(
        TestEngine.define("workflow:\n  - {step: start, tool: {kind: python, code: \"x\"}}\n"),
        Map.of());
  }

  private long waiting() {
    return engine.start(
        TestEngine.define("workflow:\n  - {step: start, tool: {kind: playbook, path: p}}\n"),
        Map.of());
  }
}
