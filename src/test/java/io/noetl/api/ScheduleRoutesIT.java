package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database.Pool;
import io.noetl.schedule.ScheduleKeeper;
import io.noetl.support.Progress;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules over HTTP on a real database, fired by one server and by two. */
class ScheduleRoutesIT {
  private RunningServer running;
  private ServerParts other;
  private Client client;
  private final List<ScheduleKeeper> keepers = new ArrayList<>();

  @BeforeEach
  void start() {
    running = RunningServer.start(Playbooks.CHAIN, Playbooks.INSTANT);
    client = running.client();
    other = new ServerParts(running.database(), 2);
  }

  @AfterEach
  void stop() {
    keepers.forEach(ScheduleKeeper::close);
    try {
      Invariants.check(running.database().config());
    } finally {
      other.close();
      running.close();
    }
  }

  private void keep(ServerParts server) {
    ScheduleKeeper keeper =
        server.schedules.keeper(
            new Progress(System::nanoTime).loop("schedules", Duration.ofMinutes(1)));
    keeper.start();
    keepers.add(keeper);
  }

  private static String document(String path, String spec) {
    return """
    apiVersion: noetl.io/v2
    kind: Schedule
    metadata: {name: s, path: %s}
    spec:
    """
            .formatted(path)
        + spec.indent(2);
  }

  private void register(String path, String spec) {
    client.register(document(path, spec));
  }

  private String text(String sql) {
    return running
        .database()
        .autocommit(
            Pool.BACKGROUND,
            connection -> {
              try (Statement statement = connection.createStatement();
                  ResultSet rows = statement.executeQuery(sql)) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "nothing";
              }
            });
  }

  private void until(String sql, String wanted) {
    Waiting.until(
        TestPostgres.PATIENCE, () -> sql + " gives " + text(sql), () -> text(sql).equals(wanted));
  }

  /** As if nobody had been there for so long. */
  private void away(String path, String interval) {
    client.get("/api/schedules/" + path).ok();
    running.update(
        "update noetl.schedule set done_until = now() - interval '"
            + interval
            + "', due_at = now() where path = '"
            + path
            + "'");
  }

  private static final String STATES =
      "select string_agg(state, ' ' order by fire_at) from noetl.schedule_fire";

  @Test
  void isADocumentOfTheCatalogWithItsNextFireTimes() {
    register(
        "jobs/nightly",
        """
        playbook: wire/instant
        cron: "30 2 * * *"
        timezone: Europe/Berlin
        payload: {name: Ada}
        overlap: queue
        misfire: {policy: all, after: 5m, limit: 3}
        """);

    assertThat(client.get("/api/schedules").ok().map("items.0"))
        .containsEntry("path", "jobs/nightly")
        .containsEntry("version", 1L)
        .containsEntry("enabled", true)
        .containsEntry("playbook", "wire/instant")
        .containsEntry("cron", "30 2 * * *")
        .containsEntry("timezone", "Europe/Berlin")
        .containsEntry("overlap", "queue")
        .containsEntry("misfire", "all")
        .containsKey("next_fire_at");
    Client.Answer one = client.get("/api/schedules/jobs/nightly").ok();
    assertThat((List<?>) one.at("upcoming")).hasSize(5);
    assertThat(one.text("upcoming.0")).isEqualTo(one.text("next_fire_at")).endsWith(":30:00Z");
    assertThat(client.get("/api/catalog/resource?path=jobs/nightly").ok().text("kind"))
        .isEqualTo("Schedule");
    assertThat(client.post("/api/execute", Map.of("path", "jobs/nightly")).status()).isEqualTo(422);
    assertThat(client.get("/api/schedules/no/such").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "playbook: a                                     | spec.cron | Expected one of cron and"
            + " interval",
        "{playbook: a, cron: '* * * * *', interval: 5m}  | spec.cron | but got both",
        "cron: '* * * * *'                               | spec.playbook | it is missing",
        "{playbook: a, cron: '61 * * * *'}               | spec.cron | Value 61 not in range [0,"
            + " 59]",
        "{playbook: a, cron: '0 0 31 2 *'}               | spec.cron | never does",
        "{playbook: a, cron: '* * * * *', timezone: Mars} | spec.timezone | Expected a time zone",
        "{playbook: a, interval: 5m, timezone: UTC}      | spec.timezone | with cron only",
        "{playbook: a, interval: 10ms}                   | spec.interval | from 1 to",
        "{playbook: a, interval: 5m, overlap: both}      | spec.overlap | allow, skip, queue,"
            + " cancel",
        "{playbook: a, interval: 5m, misfire: {limit: 0}} | spec.misfire.limit | from 1 to 1000",
        "{playbook: a, interval: 5m, misfires: once}     | spec.misfires | Expected one of",
        "{playbook: a, interval: 5m, payload: [1]}       | spec.payload | to be a map",
        "{playbook: a, interval: 5m, start: soon}        | spec.start | Expected a time",
        "{playbook: a, interval: 5m, version: 0}         | spec.version | a number from 1",
      })
  void refusesADocumentThatIsWrongAndSaysWhere(String spec, String path, String sentence) {
    Client.Answer answer =
        client.post("/api/catalog/register", Map.of("content", document("jobs/bad", spec)));

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.text("errors.0.path")).isEqualTo(path);
    assertThat(answer.text("errors.0.message")).contains(sentence);
    assertThat(
            client
                .post("/api/catalog/validate", Map.of("content", document("jobs/bad", spec)))
                .ok()
                .at("valid"))
        .isEqualTo(false);
  }

  @Test
  void refusesThePathOfAPlaybook() {
    assertThat(
            client
                .post(
                    "/api/catalog/register",
                    Map.of("content", document("wire/chain", "{playbook: a, interval: 5m}")))
                .text("errors.0.message"))
        .contains("wire/chain is a Playbook");
  }

  @Test
  void twoServersStartOneExecutionPerFireTimeHoweverOftenARoundIsRepeated() {
    register(
        "jobs/often",
        "{playbook: wire/instant, interval: 1s, overlap: allow, misfire: {policy: all, limit: 50},"
            + " end: \"2100-01-01T00:00:00Z\"}");
    client.get("/api/schedules").ok();
    keep(running.server());
    keep(other);
    for (int round = 0; round < 15; round++) {
      // As if the server of the last round had died before it wrote down that it was over.
      away("jobs/often", "40 s");
      until("select (done_until > now() - interval '5 s')::text from noetl.schedule", "true");
    }
    client.post("/api/schedules/jobs/often/disable", "").ok();
    until("select count(*)::text from noetl.schedule_fire where state <> 'STARTED'", "0");

    assertThat(Integer.parseInt(text("select count(*)::text from noetl.schedule_fire")))
        .isGreaterThanOrEqualTo(40);
    assertThat(
            text(
                "select ((select count(*) from noetl.execution) = count(*))::text from"
                    + " noetl.schedule_fire f join noetl.execution e using (execution_id)"))
        .as("every fire time has its own execution, and there is no other")
        .isEqualTo("true");
    assertThat(
            text(
                "select (count(*) = extract(epoch from max(fire_at) - min(fire_at)) + 1)::text"
                    + " from noetl.schedule_fire"))
        .as("no second is left out")
        .isEqualTo("true");
  }

  @Test
  void whatAServerThatDiedHasClaimedIsStartedUnderItsId() {
    register("jobs/once", "{playbook: wire/instant, cron: \"0 0 1 1 *\"}");
    client.get("/api/schedules").ok();
    running.update(
        "insert into noetl.schedule_fire (tenant_id, path, fire_at, execution_id, state) values"
            + " ('default', 'jobs/once', '2026-01-01T00:00:00Z', 383000000000000001, 'CLAIMED')");
    running.update("update noetl.schedule set due_at = now()");

    keep(running.server());

    until(STATES, "STARTED");
    assertThat(client.get("/api/executions/383000000000000001").ok().body())
        .containsEntry("status", "COMPLETED")
        .extracting("workload")
        .isEqualTo(
            Map.of(
                "schedule",
                Map.of(
                    "path", "jobs/once", "fire_time", "2026-01-01T00:00:00Z", "backfill", false)));
    assertThat(text("select (due_at > now() + interval '1 day')::text from noetl.schedule"))
        .isEqualTo("true");
  }

  @Test
  void forgetsFireTimesBeyondItsHistory() {
    register("jobs/old", "{playbook: wire/instant, interval: 1h}");
    away("jobs/old", "2 h");
    running.update(
        "insert into noetl.schedule_fire (tenant_id, path, fire_at, execution_id, state)"
            + " select 'default', 'jobs/old', timestamptz '2020-01-01Z' + n * interval '1 h', n,"
            + " 'STARTED' from generate_series(1, 150) n");

    keep(running.server());

    until("select count(*)::text from noetl.schedule_fire", "100");
    until("select count(*)::text from noetl.execution", "1");
  }

  @ParameterizedTest
  @CsvSource({"skip,0", "once,1", "all,5"})
  void makesUpForMissedTimesAsThePolicySays(String policy, int started) {
    register(
        "jobs/missed",
        "{playbook: wire/instant, interval: 1h, overlap: allow, misfire: {policy: "
            + policy
            + ", limit: 5, after: 1s}, anchor: \"2026-01-01T00:00:00.500Z\"}");
    away("jobs/missed", "30 days");

    keep(running.server());

    until("select (done_until > now() - interval '1 min')::text from noetl.schedule", "true");
    assertThat(text("select count(*)::text from noetl.execution"))
        .isEqualTo(String.valueOf(started));
  }

  private void firesTwice(String overlap) {
    register("jobs/long", "{playbook: wire/chain, cron: \"0 0 1 1 *\", overlap: " + overlap + "}");
    client.get("/api/schedules").ok();
    for (int day = 1; day <= 3; day++) {
      running.update(
          "insert into noetl.schedule_fire (tenant_id, path, fire_at, execution_id, state) values"
              + " ('default', 'jobs/long', '2026-01-0"
              + day
              + "T00:00:00Z', 38300000000000000"
              + day
              + ", 'CLAIMED')");
    }
    running.update("update noetl.schedule set due_at = now()");
    keep(running.server());
  }

  @Test
  void skipsWhileTheExecutionBeforeRuns() {
    firesTwice("skip");
    until(STATES, "STARTED SKIPPED SKIPPED");
    assertThat(client.get("/api/schedules/jobs/long").ok().text("fires.0.reason"))
        .isEqualTo("execution 383000000000000001 runs still");
  }

  @Test
  void allowsManyAtOnce() {
    firesTwice("allow");
    until(STATES, "STARTED STARTED STARTED");
  }

  @Test
  void queuesOneAndStartsItWhenTheOneBeforeHasEnded() {
    firesTwice("queue");
    until(STATES, "STARTED QUEUED SKIPPED");

    client.post("/api/executions/383000000000000001/cancel", "").ok();

    until(STATES, "STARTED STARTED SKIPPED");
    assertThat(client.get("/api/executions/383000000000000002").ok().text("status"))
        .isEqualTo("RUNNING");
  }

  @Test
  void cancelsTheExecutionBefore() {
    firesTwice("cancel");
    until(STATES, "STARTED STARTED STARTED");
    assertThat(client.get("/api/executions/383000000000000001").ok().body())
        .containsEntry("status", "CANCELLED")
        .containsEntry("error", "schedule jobs/long fires again (overlap: cancel)");
    assertThat(client.get("/api/executions/383000000000000003").ok().text("status"))
        .isEqualTo("RUNNING");
  }

  @Test
  void saysWhyATimeCouldNotStart() {
    register("jobs/lost", "{playbook: no/such, interval: 1h, version: 7}");
    away("jobs/lost", "2 h");
    keep(running.server());

    until(STATES, "REFUSED");
    assertThat(client.get("/api/schedules").ok().text("items.0.last.reason"))
        .isEqualTo("no/such version 7 not found in the catalog");
  }

  @Test
  void backfillsTheTimesOfASpanOnceAlsoWhereClocksChange() {
    register(
        "jobs/berlin",
        "{playbook: wire/instant, cron: \"30 2 * * *\", timezone: Europe/Berlin, enabled: false}");
    Map<String, Object> span =
        Map.of("from", "2026-03-28T00:00:00Z", "to", "2026-03-31T00:00:00+02:00");

    Client.Answer look =
        client
            .post(
                "/api/schedules/jobs/berlin/backfill",
                Map.of(
                    "from",
                    "2026-03-28T00:00:00Z",
                    "to",
                    "2026-03-31T00:00:00+02:00",
                    "dry_run",
                    true))
            .ok();
    assertThat(look.text("fires.0.state")).isEqualTo("planned");
    assertThat(text("select count(*)::text from noetl.execution")).isEqualTo("0");

    Client.Answer first = client.post("/api/schedules/jobs/berlin/backfill", span).ok();

    assertThat(first.at("count")).isEqualTo(3L);
    assertThat(first.text("fires.0.fire_at")).isEqualTo("2026-03-28T01:30:00Z");
    assertThat(first.text("fires.1.fire_at")).isEqualTo("2026-03-29T01:00:00Z");
    assertThat(first.text("fires.2.fire_at")).isEqualTo("2026-03-30T00:30:00Z");
    assertThat(first.text("fires.1.state")).isEqualTo("started");
    Client.Answer again = other.client().post("/api/schedules/jobs/berlin/backfill", span).ok();
    assertThat(again.text("fires.1.execution_id")).isEqualTo(first.text("fires.1.execution_id"));
    assertThat(text("select count(*)::text from noetl.execution")).isEqualTo("3");
    Client.Answer back =
        client
            .post(
                "/api/schedules/jobs/berlin/backfill",
                Map.of("from", "2026-10-25T00:00:00+02:00", "to", "2026-10-26T00:00:00+01:00"))
            .ok();
    assertThat(back.at("count")).isEqualTo(1L);
    assertThat(back.text("fires.0.fire_at")).isEqualTo("2026-10-25T00:30:00Z");
  }

  @Test
  void refusesABackfillThatIsTooLongOrOfTheFuture() {
    register("jobs/b", "{playbook: wire/instant, interval: 1m}");
    String path = "/api/schedules/jobs/b/backfill";

    assertThat(
            client
                .post(path, Map.of("from", "2026-01-01T00:00:00Z", "to", "2026-01-02T00:00:00Z"))
                .text("error"))
        .contains("at most 50 fire times (schedules.max-backfill)");
    assertThat(
            client
                .post(path, Map.of("from", "2026-01-01T00:00:00Z", "to", "2199-01-02T00:00:00Z"))
                .text("error"))
        .contains("to not after now");
    assertThat(client.post(path, Map.of("from", "yesterday", "to", "now")).status()).isEqualTo(422);
    assertThat(client.post(path, "{}").status()).isEqualTo(422);
    assertThat(
            client
                .post(
                    "/api/schedules/no/backfill",
                    "{\"from\":\"2026-01-01T00:00:00Z\",\"to\":\"2026-01-01T00:01:00Z\"}")
                .status())
        .isEqualTo(404);
  }

  @Test
  void isDisabledEnabledReplacedAndArchived() {
    register("jobs/x", "{playbook: wire/instant, interval: 1h}");
    keep(running.server());
    assertThat(client.post("/api/schedules/jobs/x/disable", "").ok().body())
        .containsEntry("enabled", false)
        .containsEntry("next_fire_at", null);
    away("jobs/x", "10 h");
    assertThat(client.post("/api/schedules/jobs/x/enable", "").ok().at("next_fire_at")).isNotNull();
    assertThat(text("select (done_until > now() - interval '1 min')::text from noetl.schedule"))
        .as("what it would have fired meanwhile is not made up for")
        .isEqualTo("true");

    register("jobs/x", "{playbook: wire/instant, interval: 2h}");
    assertThat(client.get("/api/schedules/jobs/x").ok().body())
        .containsEntry("version", 2L)
        .containsEntry("interval", "2h");

    assertThat(client.delete("/api/schedules/jobs/x").ok().at("count")).isEqualTo(2L);
    assertThat(client.get("/api/schedules/jobs/x").status()).isEqualTo(404);
    client.post("/api/catalog/restore", Map.of("path", "jobs/x")).ok();
    assertThat(client.get("/api/schedules/jobs/x").ok().at("version")).isEqualTo(2L);
    assertThat(client.delete("/api/schedules/no/such").status()).isEqualTo(404);
    assertThat(text("select count(*)::text from noetl.execution")).isEqualTo("0");
  }
}
