package io.noetl.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import io.noetl.support.Progress;
import io.noetl.testing.Databases;
import io.noetl.testing.TestEngine;
import io.noetl.testing.TestPostgres;
import io.noetl.upkeep.Purge.Ages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetentionIT {
  private static final Ages FOR_EVER =
      new Ages(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

  private Database database;
  private Retention retention;
  private Purge purge;

  @BeforeEach
  void open() {
    database = TestPostgres.open();
    retention = new Retention(database);
    purge = new Purge(database, _ -> {});
  }

  @AfterEach
  void close() {
    database.close();
  }

  /** Executions that ended so many days ago, with all their events in the log. */
  private List<Long> ended(int... days) throws Exception {
    List<Long> ids = new ArrayList<>();
    try (TestEngine engine = new TestEngine(database, 3)) {
      for (int age : days) {
        long id =
            engine.start(
                TestEngine.define("workflow:\n  - {step: start, tool: {kind: noop}}\n"), Map.of());
        ids.add(id);
        sql(
            "update noetl.execution set ended_at = now() - interval '%d days'".formatted(age)
                + " where execution_id = "
                + id);
      }
    }
    sql(
        """
        with moved as (delete from noetl.event_outbox returning *)
        insert into noetl.event select execution_id, seq, event_id, event_type, tenant_id, payload,
          created_at from moved
        """);
    return ids;
  }

  private void place(long id, String tenant, String path) throws Exception {
    sql(
        "update noetl.execution set tenant_id = '%s', path = '%s' where execution_id = %d"
            .formatted(tenant, path, id));
  }

  private void sql(String sql) throws Exception {
    Databases.execute(database.config(), sql);
  }

  private List<Long> left() throws Exception {
    List<Long> left = new ArrayList<>();
    long id = 0;
    while (true) {
      id =
          Databases.count(
              database.config(),
              "select coalesce(min(execution_id), 0) from noetl.execution where execution_id > "
                  + id);
      if (id == 0) {
        return left;
      }
      left.add(id);
    }
  }

  @Test
  void theLongestBeginningOfAPathDecides() throws Exception {
    List<Long> ids = ended(10, 10, 10, 10);
    place(ids.get(0), "default", "logs/a");
    place(ids.get(1), "default", "logs/audit/a");
    place(ids.get(2), "default", "else");
    place(ids.get(3), "other", "logs/a");
    assertThat(retention.set("default", "logs/", 7, "ops")).isTrue();
    assertThat(retention.set("default", "logs/audit/", 0, "ops")).isTrue();

    assertThat(purge.purge(FOR_EVER, true).executions()).isEqualTo(1);
    assertThat(purge.purge(FOR_EVER, false).executions()).isEqualTo(1);

    assertThat(left()).containsExactlyElementsOf(ids.subList(1, 4));
    assertThat(purge.purge(FOR_EVER, false).executions()).isZero();
  }

  @Test
  void aRuleMayKeepLongerThanTheSettingAndForATenantOnly() throws Exception {
    List<Long> ids = ended(10, 10, 40);
    place(ids.get(1), "other", "spec/t");
    retention.set("default", "", 30, "ops");

    purge.purge(new Ages(Duration.ZERO, Duration.ZERO, Duration.ofDays(5), Duration.ZERO), false);

    assertThat(left()).containsExactly(ids.get(0));
  }

  @Test
  void aParentThatIsKeptKeepsItsChildrenWhateverTheirRule() throws Exception {
    List<Long> ids = ended(10, 10);
    place(ids.get(1), "default", "short/child");
    sql(
        "update noetl.execution set parent_execution_id = %d where execution_id = %d"
            .formatted(ids.get(0), ids.get(1)));
    retention.set("default", "short/", 1, "ops");

    assertThat(purge.purge(FOR_EVER, false).executions()).isZero();

    retention.set("default", "", 9, "ops");
    assertThat(purge.purge(FOR_EVER, false).executions()).isEqualTo(2);
  }

  @Test
  void resultsGoWithTheirExecutionUnlessTheyArePermanent() throws Exception {
    long id = ended(10).getFirst();
    for (String scope : List.of("execution", "permanent")) {
      sql(
          """
          insert into noetl.result values (%d, %d, 'default', '%s', 'b', null, 1, '%s', 'db',
            'application/json', 9, null, '{}', now(), null)
          """
              .formatted(scope.hashCode() & 0xff, id, scope, scope));
    }

    purge.purge(new Ages(Duration.ZERO, Duration.ZERO, Duration.ofDays(5), Duration.ZERO), false);

    assertThat(left()).isEmpty();
    assertThat(
            Databases.count(
                database.config(), "select count(*) from noetl.result where scope = 'permanent'"))
        .isEqualTo(1);
    assertThat(Databases.count(database.config(), "select count(*) from noetl.result"))
        .isEqualTo(1);
  }

  @Test
  void dropsTheMonthOfWhichNothingIsLeftAndMakesTheNextOnes() throws Exception {
    sql(
        """
        create table noetl.event_p202401 partition of noetl.event
          for values from (0) to (11234023833600000)
        """);
    sql("drop table " + nextYear());
    ended(10);
    retention.set("default", "", 5, "ops");

    Purge.Purged purged = purge.purge(FOR_EVER, false);

    assertThat(purged.partitions()).containsExactly("event_p202401");
    assertThat(Databases.count(database.config(), "select noetl.ensure_event_partitions(12)"))
        .isEqualTo(1);
    assertThat(Databases.count(database.config(), "select count(*) from noetl.event_default"))
        .isZero();
  }

  private String nextYear() throws Exception {
    long month =
        Databases.count(
            database.config(),
            "select to_char((now() at time zone 'utc') + interval '12 months', 'YYYYMM')::bigint");
    return "noetl.event_p" + month;
  }

  @Test
  void keepsABoundedNumberOfRulesAndForgetsThem() throws Exception {
    sql(
        """
        insert into noetl.retention_rule select 'default', 'p' || n, 1, 'ops', now()
          from generate_series(1, %d) n
        """
            .formatted(Retention.MAX_RULES));

    assertThat(retention.set("default", "one more", 1, "ops")).isFalse();
    assertThat(retention.set("default", "p1", 3, "ops")).isTrue();
    assertThat(retention.set("other", "p1", 3, "ops")).isTrue();
    assertThat(retention.remove("default", "p1")).isTrue();
    assertThat(retention.remove("default", "p1")).isFalse();
    assertThat(retention.rules("default")).hasSize(Retention.MAX_RULES - 1);
    assertThat(retention.rules("other").getFirst().keepDays()).isEqualTo(3);
  }

  @Test
  void theKeeperRemovesWhatIsOverByItself() throws Exception {
    ended(10, 1);
    RetentionKeeper keeper =
        new RetentionKeeper(
            purge,
            new RetentionKeeper.Settings(
                Duration.ofHours(1),
                new Ages(Duration.ofDays(7), Duration.ofHours(1), days(5), Duration.ZERO)),
            new Progress(System::nanoTime).loop("retention", Duration.ofHours(3)));

    assertThat(keeper.round()).isEqualTo(1);
    assertThat(keeper.round()).isZero();
    assertThat(left()).hasSize(1);
    keeper.start();
    keeper.close();
  }

  private static Duration days(int days) {
    return Duration.ofDays(days);
  }

  @Test
  void deadMessagesAreBoundedInSizeAndGoWithTime() throws Exception {
    DeadMessages dead = new DeadMessages(database);
    DeadMessages.Report report =
        new DeadMessages.Report("s", "x\0".repeat(5_000), "r".repeat(900), "w", 4L, 5L);
    assertThat(dead.keep("default", report)).isTrue();

    DeadMessages.Kept kept = dead.list("default", 10).getFirst();

    assertThat(kept.report().body()).hasSize(DeadMessages.MAX_BODY).endsWith("…");
    assertThat(kept.report().reason()).hasSize(500);
    assertThat(dead.list("other", 10)).isEmpty();
    assertThat(dead.retry("other", kept.messageId())).isFalse();
    sql("update noetl.dead_message set created_at = now() - interval '8 days'");
    assertThat(
            purge
                .purge(new Ages(days(7), Duration.ZERO, Duration.ZERO, Duration.ZERO), false)
                .commands())
        .isEqualTo(1);
    sql(
        """
        insert into noetl.dead_message (tenant_id, subject, body, reason, reporter)
          select 'default', 's', 'b', 'r', 'w' from generate_series(1, %d)
        """
            .formatted(DeadMessages.MAX_KEPT));
    assertThat(dead.keep("default", report)).isFalse();
  }
}
