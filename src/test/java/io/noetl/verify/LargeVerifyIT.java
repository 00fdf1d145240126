package io.noetl.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.command.Claim;
import io.noetl.command.CommandQueue.ClaimRequest;
import io.noetl.execution.ExecutionIntent.AcceptReport;
import io.noetl.execution.ExecutionState.OpenCommand;
import io.noetl.playbook.value.Outcome;
import io.noetl.postgres.Database;
import io.noetl.testing.Databases;
import io.noetl.testing.TestEngine;
import io.noetl.testing.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * One pass over a large log; {@code -Dnoetl.verify.events=1000000} makes it as large as a nightly
 * run may find it, and says how fast it was.
 */
class LargeVerifyIT {
  private static final int EVENTS = Integer.getInteger("noetl.verify.events", 60_000);
  private static final int PER_EXECUTION = 12;

  @Test
  void onePassInLittleMemory() throws Exception {
    try (Database database = TestPostgres.open()) {
      List<Long> commands = new ArrayList<>();
      try (TestEngine engine = new TestEngine(database, 5)) {
        finished(engine, commands);
      }
      copy(database, commands, EVENTS / PER_EXECUTION - 1);
      long before = used();
      long[] most = {0};

      VerifyReport report =
          new Verifier(new Verifier.Settings(Duration.ofHours(9), 10))
              .verify(
                  database.config(),
                  null,
                  progress -> {
                    if (progress.executions() % 20_000 == 0) {
                      most[0] = Math.max(most[0], used() - before);
                    }
                  });

      System.err.printf(
          "verified %d events in %.1f s: %d events/s, %d MB more%n",
          report.events(),
          report.took().toMillis() / 1000.0,
          report.eventsPerSecond(),
          most[0] >> 20);
      assertThat(report.findings()).isEmpty();
      assertThat(report.events()).isEqualTo(EVENTS / PER_EXECUTION * PER_EXECUTION);
      assertThat(most[0]).isLessThan(64L << 20);
    }
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** Five steps, each with a worker's report: twelve events. */
  private static void finished(TestEngine engine, List<Long> commands) throws Exception {
    StringBuilder steps = new StringBuilder("workflow:\n");
    for (int i = 1; i <= 5; i++) {
      steps.append("  - {step: ").append(i == 1 ? "start" : "s" + i);
      steps.append(", tool: {kind: python, code: \"x\"}");
      steps.append(i < 5 ? ", next: s" + (i + 1) + "}\n" : "}\n");
    }
    long id = engine.start(TestEngine.define(steps.toString()), Map.of("customer", "Ada", "n", 17));
    for (int i = 0; i < 5; i++) {
      OpenCommand open = engine.intents.state(id).commands().values().iterator().next();
      commands.add(open.commandId());
      Claim claim =
          engine
              .commands
              .claim(List.of(new ClaimRequest(open.commandId(), "w", Duration.ofSeconds(30))))
              .getFirst();
      if (!(claim instanceof Claim.Granted granted)) {
        throw new AssertionError(claim);
      }
      engine.intents.handle(
          "default",
          id,
          new AcceptReport(
              open.commandId(),
              Outcome.success(Map.of("rows", List.of(1, 2, 3), "text", "x".repeat(200))),
              List.of(),
              granted.attempt(),
              granted.fence(),
              "w",
              granted.claimedAt()));
    }
  }

  private static void copy(Database database, List<Long> commands, int copies) throws Exception {
    // 16 s apart, so that no id of a copy is one of another; into the next month, too.
    String shift = " + (n::bigint << 36)";
    String payload = "payload::text";
    for (long command : commands) {
      payload =
          "replace(%s, '\"%d\"', '\"' || (%d%s)::text || '\"')"
              .formatted(payload, command, command, shift);
    }
    Databases.execute(
        database.config(),
        """
        with moved as (delete from noetl.event_outbox returning *)
        insert into noetl.event select execution_id, seq, event_id, event_type, tenant_id, payload,
          created_at from moved;
        insert into noetl.event
          select execution_id%1$s, seq, event_id%1$s, event_type, tenant_id, (%2$s)::json, created_at
            from generate_series(1, %3$d) n cross join noetl.event;
        insert into noetl.execution
          select execution_id%1$s, tenant_id, catalog_id, path, version, status, seq,
                 parent_execution_id, current_step, steps_total, steps_done, steps_failed,
                 steps_running, error, result, dedup_key, dedup_digest, started_at, updated_at,
                 ended_at
            from generate_series(1, %3$d) n cross join noetl.execution;
        analyze noetl.event; analyze noetl.execution
        """
            .formatted(shift, payload, copies));
  }
}
