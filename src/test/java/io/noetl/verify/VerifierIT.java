package io.noetl.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.noetl.config.DatabaseConfig;
import io.noetl.execution.ExecutionIntent;
import io.noetl.postgres.Database;
import io.noetl.testing.Databases;
import io.noetl.testing.TestEngine;
import io.noetl.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A good database passes, and each sort of damage is named. */
class VerifierIT {
  private static final String CHILD = "(select child_execution_id from noetl.wait)";

  private Database database;
  private DatabaseConfig config;
  private long ended;
  private long running;
  private long waiting;

  @BeforeEach
  void threeExecutions() throws Exception {
    database = TestPostgres.open();
    config = database.config();
    try (TestEngine engine = new TestEngine(database, 5)) {
      ended =
          engine.start(
              TestEngine.define(
                  """
                  workflow:
                    - {step: start, tool: {kind: noop}, next: b}
                    - {step: b, tool: {kind: noop, result: {n: 1}}}
                  """),
              Map.of());
      running =
          engine.start(
              TestEngine.define(
                  "workflow:\n  - {step: start, tool: {kind: python, code: \"x\"}}\n"),
              Map.of());
      waiting =
          engine.start(
              TestEngine.define("workflow:\n  - {step: start, tool: {kind: playbook, path: p}}\n"),
              Map.of());
    }
    // Half of the events have been moved to the log.
    Databases.execute(
        config,
        """
        with moved as (delete from noetl.event_outbox where seq <= 2 returning *)
        insert into noetl.event select execution_id, seq, event_id, event_type, tenant_id, payload,
          created_at from moved
        """);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void saysNothingOfAHealthyDatabase() {
    VerifyReport report = verify(null);

    assertThat(report.findings()).isEmpty();
    assertThat(report.errors()).isZero();
    assertThat(report.executions()).isEqualTo(3);
    assertThat(report.events()).isEqualTo(8);
    assertThat(report.commands()).isEqualTo(1);
    assertThat(report.waits()).isEqualTo(1);
  }

  @Test
  void looksAtOneExecutionOnly() throws Exception {
    Databases.execute(config, "update noetl.execution set seq = 9");

    assertThat(verify(running).findings())
        .extracting(Finding::executionId)
        .containsExactly(running);
    assertThat(verify(7L).executions()).isZero();
  }

  @Test
  void leavesArchivedExecutionsToTheirFiles() throws Exception {
    Databases.execute(
        config,
        """
        delete from noetl.event where execution_id = %1$d;
        delete from noetl.event_outbox where execution_id = %1$d;
        update noetl.execution set archived_at = now() where execution_id = %1$d;
        insert into noetl.result values (8, %1$d, 'default', 'big', 'b', 3, 1, 'execution',
          'db', 'application/json', 9, '\\x01', '{}', now() - interval '2 hours', null)
        """
            .formatted(ended));

    assertThat(verify(null).findings()).isEmpty();
    assertThat(verify(null).executions()).isEqualTo(3);
  }

  @Test
  void keepsTheFirstOfARuleAndCountsAll() throws Exception {
    Databases.execute(config, "update noetl.execution set seq = 9");

    VerifyReport report =
        new Verifier(new Verifier.Settings(Duration.ofHours(1), 2)).verify(config, null, _ -> {});

    assertThat(report.findings()).hasSize(2);
    assertThat(report.counts()).containsEntry(Rule.EXECUTION_ROW, 3L);
  }

  @Test
  void warnsOfWhatTheBackgroundShouldHaveDone() throws Exception {
    Databases.execute(
        config,
        """
        update noetl.command set due_at = now() - interval '2 hours';
        update noetl.wait set due_at = now() - interval '2 hours';
        update noetl.event_outbox set created_at = now() - interval '2 hours' where seq = 3
        """);

    VerifyReport report = verify(null);

    assertThat(report.errors()).isZero();
    assertThat(report.counts())
        .containsOnlyKeys(Rule.COMMAND_OVERDUE, Rule.WAIT_OVERDUE, Rule.OUTBOX_AGE);
  }

  static List<Arguments> damages() {
    return List.of(
        arguments(
            "delete from noetl.event where execution_id = :ended and seq = 2",
            Rule.SEQUENCE,
            "Expected event 2 next, but got 3 (a gap)"),
        arguments(
            """
            insert into noetl.event_outbox (execution_id, seq, event_id, event_type, tenant_id,
              payload, created_at) select execution_id, seq, event_id, event_type, tenant_id,
              payload, created_at from noetl.event where execution_id = :ended and seq = 2
            """,
            Rule.SEQUENCE,
            "Expected event 3 next, but got 2 again"),
        arguments(
            """
            update noetl.event set event_id = (select event_id from noetl.event
              where execution_id = :ended and seq = 1) where execution_id = :running and seq = 1
            """,
            Rule.EVENT_ID,
            "but it is there 2 times"),
        arguments(
            """
            insert into noetl.event_outbox (execution_id, seq, event_id, event_type, tenant_id,
              payload, created_at) select execution_id, 5, 77, 'late.word', tenant_id,
              payload, created_at from noetl.event_outbox where execution_id = :ended and seq = 3
            """,
            Rule.END,
            "Expected nothing after the terminal event at 4, but got late.word at 5"),
        arguments(
            "update noetl.event set payload = '{}' where execution_id = :ended and seq = 1",
            Rule.EVENT_READABLE,
            "Expected playbook_started at 1 to be readable"),
        arguments(
            "update noetl.execution set status = 'RUNNING' where execution_id = :ended",
            Rule.EXECUTION_ROW,
            "status is RUNNING and not COMPLETED"),
        arguments(
            "update noetl.execution set result = '{\"n\": 2}' where execution_id = :ended",
            Rule.EXECUTION_ROW,
            "result differs"),
        arguments(
            "update noetl.execution set seq = 1 where execution_id = :running",
            Rule.EXECUTION_ROW,
            "seq is 1 and not 2"),
        arguments(
            "update noetl.execution set path = 'else' where execution_id = :running",
            Rule.EXECUTION_ROW,
            "path is else and not spec/t"),
        arguments(
            "update noetl.execution set steps_running = 7 where execution_id = :running",
            Rule.EXECUTION_ROW,
            "steps_running is 7 and not 1"),
        arguments(
            "delete from noetl.execution where execution_id = :ended",
            Rule.EXECUTION,
            "there are only its events, up to 4"),
        arguments(
            "delete from noetl.event where execution_id = :running",
            Rule.EXECUTION,
            "Expected events of the execution, but it has none"),
        arguments(
            "delete from noetl.command where execution_id = :running",
            Rule.COMMAND_MISSING,
            "(step=start), which was issued and has not ended, but there is none"),
        arguments(
            "update noetl.command set status = 'DEAD' where execution_id = :running",
            Rule.COMMAND_MISSING,
            "which was issued and has not ended"),
        arguments(
            """
            insert into noetl.command select 5, execution_id, tenant_id, step, visit, iteration,
              tool_kind, pool, status, attempt, max_attempts, fence, worker_id, claimed_at,
              lease_until, due_at, publication, reason, context, created_at from noetl.command
            """,
            Rule.COMMAND_ORPHAN,
            "Expected the events to know command 5 (step=start) as open"),
        arguments(
            "update noetl.command set execution_id = 4",
            Rule.COMMAND_ORPHAN,
            "Expected an execution for command"),
        arguments(
            "update noetl.command set due_at = 'infinity'", Rule.COMMAND_OVERDUE, "nobody will"),
        arguments(
            "delete from noetl.wait", Rule.WAIT_MISSING, "which has not ended, but there is none"),
        arguments("update noetl.wait set execution_id = :running", Rule.WAIT_ORPHAN, "know wait"),
        arguments("update noetl.wait set execution_id = 4", Rule.WAIT_ORPHAN, "know wait"),
        arguments("update noetl.wait set due_at = 'infinity'", Rule.WAIT_OVERDUE, "nobody will"),
        arguments("update noetl.wait set state = 'WAIT'", Rule.CHILD, "but it is not there"),
        arguments(
            "update noetl.wait set state = 'WAIT', child_execution_id = :ended",
            Rule.CHILD,
            "but it has ended"),
        arguments(
            """
            insert into noetl.wait select wait_id + 1, execution_id, tenant_id, kind, state, step,
              child_execution_id, until_end, request, expires_at, due_at from noetl.wait
            """,
            Rule.CHILD,
            "but there are 2"),
        arguments(
            """
            with p as (update noetl.execution set status = 'CANCELLED', ended_at = now()
                        where execution_id = :waiting)
            update noetl.execution set parent_execution_id = :waiting where execution_id = :running
            """,
            Rule.CHILD_RUNS_ON,
            "its parent :waiting, which was cancelled, but it runs"),
        arguments(
            """
            with lost as (delete from noetl.event where execution_id = :running and seq = 2),
                 work as (delete from noetl.command where execution_id = :running)
            update noetl.execution set seq = 1, current_step = null, steps_total = 0,
                   steps_running = 0 where execution_id = :running
            """,
            Rule.STUCK,
            "to wait for something, but it does not"),
        arguments(
            "update noetl.command set tenant_id = 'other'",
            Rule.TENANT,
            "to belong to the execution's tenant"),
        arguments(
            "update noetl.event set tenant_id = 'other' where execution_id = :ended and seq = 2",
            Rule.TENANT,
            "event at 2"),
        arguments(
            """
            update noetl.event set payload = jsonb_set(payload::jsonb, '{context,workload}',
              '{"x": {"uri": "noetl://execution/:running/result/big/99"}}')::json
             where execution_id = :running and seq = 1
            """,
            Rule.RESULT_MISSING,
            "Expected result 99, to which an event refers"),
        arguments(
            """
            update noetl.event set payload = jsonb_set(payload::jsonb, '{context,workload}',
              '{"x": {"uri": "noetl://execution/12/result/big/99"}}')::json
             where execution_id = :running and seq = 1
            """,
            Rule.RESULT_MISSING,
            "Expected result 99 of another execution"),
        arguments(
            """
            update noetl.event set payload = jsonb_set(payload::jsonb, '{context,workload}',
              '{"x": {"uri": "noetl://execution/:ended/result/big/99"}}')::json
             where execution_id = :ended and seq = 1
            """,
            Rule.RESULT_DELETED,
            "Expected result 99"),
        arguments(
            """
            insert into noetl.result values (8, :ended, 'default', 'big', 'b', 3, 1, 'execution',
              'db', 'application/json', 9, '\\x01', '{}', now() - interval '2 hours', null)
            """,
            Rule.RESULT_UNUSED,
            "an event that refers to result 'big'"),
        arguments(
            """
            insert into noetl.result values (8, :ended, 'default', 'big', 'b', 3, 1, 'permanent',
              'db', 'application/json', 9, '\\x01', '{}', now(), null)
            """,
            Rule.RESULT_CONTENT,
            "Expected the content of result 'big'"),
        arguments(
            """
            insert into noetl.event (execution_id, seq, event_id, event_type, tenant_id, payload,
              created_at) select 17, seq, 18, event_type, tenant_id, payload, created_at
              from noetl.event where execution_id = :ended and seq = 1
            """,
            Rule.PARTITION,
            "but 1 are in none"));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void namesEachSortOfDamage(String damage, Rule rule, String expected) throws Exception {
    Databases.execute(config, named(damage));

    assertThat(verify(null).findings())
        .anyMatch(f -> f.rule() == rule && f.message().contains(named(expected)));
  }

  @Test
  void namesWhatEndsTwice() throws Exception {
    long twice;
    try (TestEngine engine = new TestEngine(database, 6)) {
      twice =
          engine.start(
              TestEngine.define(
                  """
                  workflow:
                    - {step: start, tool: {kind: python, code: "x"}, next: [b]}
                    - {step: b, tool: {kind: python, code: "x"}}
                  """),
              Map.of());
      long command = engine.intents.state(twice).commands().keySet().iterator().next();
      Databases.execute(
          config,
          """
          update noetl.command set status = 'CLAIMED', attempt = 3, fence = 1, worker_id = 'w',
            lease_until = now() - interval '1 minute' where execution_id =\
          """
              + twice);
      engine.intents.handle(
          "default", twice, new ExecutionIntent.ExpireLease(command, 3, 3, 1, "w"));
    }
    assertThat(verify(twice).errors()).isZero();
    Databases.execute(
        config,
        "update noetl.event_outbox set payload = replace(payload::text, '\"command_id\":\"',"
            + " '\"command_id\":\"1')::json where event_type = 'command.failed'");

    assertThat(verify(twice).findings())
        .anyMatch(f -> f.rule() == Rule.ENDED_ONCE && f.executionId() == twice);
  }

  private VerifyReport verify(@Nullable Long executionId) {
    return new Verifier(new Verifier.Settings(Duration.ofHours(1), 100))
        .verify(config, executionId, _ -> {});
  }

  private String named(String text) {
    return text.replace(":ended", Long.toString(ended))
        .replace(":running", Long.toString(running))
        .replace(":waiting", Long.toString(waiting))
        .replace(":child", CHILD);
  }
}
