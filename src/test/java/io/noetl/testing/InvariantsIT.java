package io.noetl.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.noetl.config.DatabaseConfig;
import io.noetl.postgres.Database;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A check that cannot fail proves nothing: each sort of damage is planted and must be found. */
class InvariantsIT {
  private Database database;
  private DatabaseConfig config;
  private long ended;
  private long running;
  private long waiting;

  @BeforeEach
  void twoExecutions() {
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
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void sayNothingOfAHealthyDatabase() {
    assertThat(Invariants.violations(config)).isEmpty();
  }

  static List<Arguments> damages() {
    return List.of(
        arguments(
            "delete from noetl.event_outbox where execution_id = :ended and seq = 2",
            "I2 execution :ended has 3 events at 3 positions from 1 to 4; missing or twice: 2 (0"),
        arguments(
            """
            insert into noetl.event select execution_id, seq, event_id, event_type, tenant_id,
              payload, created_at from noetl.event_outbox where execution_id = :ended and seq = 3
            """,
            "missing or twice: 3 (2 times)"),
        arguments(
            """
            update noetl.event_outbox set event_id = (select event_id from noetl.event_outbox
              where execution_id = :ended and seq = 1) where execution_id = :running and seq = 1
            """,
            "is there 2 times"),
        arguments(
            """
            insert into noetl.event_outbox (execution_id, seq, event_id, event_type, tenant_id,
              payload, created_at) select execution_id, 5, 77, 'late.word', tenant_id,
              payload, created_at from noetl.event_outbox where execution_id = :ended and seq = 3
            """,
            "I3 execution :ended cannot be folded: Expected nothing after the terminal event"),
        arguments(
            "update noetl.execution set status = 'RUNNING' where execution_id = :ended",
            "I8 execution :ended is RUNNING at 4, but its terminal events are: playbook.completed"),
        arguments(
            "update noetl.execution set result = '{\"n\": 2}' where execution_id = :ended",
            "I3 execution :ended: stored result is {n=2}, but its events say {n=1}"),
        arguments(
            "update noetl.execution set seq = 9 where execution_id = :running",
            "I3 execution :running: stored seq is 9, but its events say 2"),
        arguments(
            "update noetl.execution set error = 'x' where execution_id = :running",
            "I3 execution :running: stored error is x, but its events say null"),
        arguments(
            "update noetl.execution set ended_at = now() where execution_id = :running",
            "I3 execution :running: stored ended is true"),
        arguments(
            "delete from noetl.command where execution_id = :running",
            "I7 execution :running runs, but waits for nothing"),
        arguments(
            "update noetl.command set execution_id = :ended where execution_id = :running",
            "I3 execution :ended (COMPLETED) has open commands ["),
        arguments(
            "update noetl.command set execution_id = 4 where execution_id = :running",
            "of an unknown execution 4"),
        arguments(
            "delete from noetl.execution where execution_id = :ended",
            "I2 4 events of an unknown execution :ended"),
        arguments(
            "delete from noetl.wait where execution_id = :waiting",
            "I7 execution :waiting runs, but waits for nothing"),
        arguments(
            "update noetl.wait set execution_id = :running where execution_id = :waiting",
            "I3 execution :running (RUNNING) has rows of waits ["),
        arguments("update noetl.wait set execution_id = 4", "of an unknown execution 4"),
        arguments(
            "update noetl.wait set state = 'WAIT' where execution_id = :waiting",
            "is in state WAIT, but its child"),
        arguments(
            """
            insert into noetl.wait select wait_id + 1, execution_id, tenant_id, kind, state, step,
              child_execution_id, until_end, request, expires_at, due_at from noetl.wait
            """,
            "2 waits for one child"),
        arguments(
            """
            with p as (update noetl.execution set status = 'CANCELLED', ended_at = now()
                        where execution_id = :waiting)
            update noetl.execution set parent_execution_id = :waiting where execution_id = :running
            """,
            "child :running runs, but its parent :waiting was cancelled"),
        arguments(
            "update noetl.event_outbox set payload = '{}' where execution_id = :ended and seq = 1",
            "(execution=:ended, seq=1)"));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void findEachSortOfDamage(String damage, String expected) throws Exception {
    Databases.execute(config, named(damage));

    assertThat(Invariants.violations(config)).anyMatch(line -> line.contains(named(expected)));
  }

  private String named(String text) {
    return text.replace(":ended", Long.toString(ended))
        .replace(":running", Long.toString(running))
        .replace(":waiting", Long.toString(waiting));
  }
}
