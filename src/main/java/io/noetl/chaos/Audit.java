package io.noetl.chaos;

import io.noetl.chaos.Violation.Sort;
import io.noetl.verify.Finding;
import io.noetl.verify.Rule;
import io.noetl.verify.Verifier;
import io.noetl.verify.VerifyReport;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Holds the database and the API against what clients were promised. */
final class Audit {
  /** Between two looks at what is waited for. */
  private static final long LOOK_MILLIS = 100;

  private static final String LEFT =
      """
      select (select count(*) from noetl.execution where ended_at is null),
             (select count(*) from noetl.event_outbox),
             (select count(*) from noetl.wait),
             (select count(*) from noetl.command where status <> 'DEAD')
      """;
  private static final String EVENTS =
      """
      (select execution_id, seq, event_id, event_type from noetl.event
       union all
       select execution_id, seq, event_id, event_type from noetl.event_outbox) v
      """;

  private final Site site;
  private final Client client;
  private final Load load;
  private final Ticks ticks;
  private final Effects effects;
  private final List<Violation> violations = new ArrayList<>();
  private long effectsDone;
  private long effectsRepeated;

  Audit(Site site, Client client, Load load, Ticks ticks, Effects effects) {
    this.site = site;
    this.client = client;
    this.load = load;
    this.ticks = ticks;
    this.effects = effects;
  }

  /**
   * Waits until nothing moves any more.
   *
   * @return how long that took
   */
  Duration awaitQuiet(Duration patience) throws InterruptedException {
    long begun = System.nanoTime();
    String left = "it was never looked at";
    while (System.nanoTime() - begun < patience.toNanos()) {
      try {
        List<String> row = site.database().rows(LEFT).getFirst();
        int unanswered = load.unanswered().size() - load.refusals().size();
        left =
            "%s executions run, %s events are in the outbox, %s waits and %s commands are open, %d starts have no answer"
                .formatted(row.get(0), row.get(1), row.get(2), row.get(3), unanswered);
        if (row.stream().allMatch("0"::equals) && unanswered <= 0) {
          return Duration.ofNanos(System.nanoTime() - begun);
        }
      } catch (SQLException e) {
        left = "the database does not answer: " + e.getMessage();
      }
      Thread.sleep(LOOK_MILLIS);
    }
    violations.add(
        new Violation(
            Sort.STUCK,
            "Expected everything to have ended within %d s, but %s"
                .formatted(patience.toSeconds(), left),
            null));
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  /** Looks at everything; returns what must not be. */
  List<Violation> look() throws InterruptedException, SQLException {
    for (String refusal : load.refusals()) {
      violations.add(new Violation(Sort.LOST, refusal, null));
    }
    Map<String, Integer> expired = expired();
    for (Promise promise : load.promises()) {
      String id = promise.executionId();
      if (id != null) {
        promised(promise, id);
        effectsOf(promise, expired.getOrDefault(id, 0));
        if (promise.errand() == Errand.TIMERS) {
          late(promise, "before", "between", Duration.ofMillis(300));
          late(promise, "between", "after", load.pause());
        }
      }
    }
    ticks.audit(this, expired);
    doubledStarts();
    invariants();
    return List.copyOf(violations);
  }

  long effectsDone() {
    return effectsDone;
  }

  long effectsRepeated() {
    return effectsRepeated;
  }

  private void promised(Promise promise, String id) throws InterruptedException {
    Client.Answer answer = client.get("/api/executions/" + id);
    if (answer.status() != 200) {
      add(
          Sort.LOST,
          promise,
          promise + " was accepted, but the API says HTTP " + answer.status() + " of it");
      return;
    }
    if ("RUNNING".equals(answer.body().get("status"))) {
      add(Sort.STUCK, promise, promise + " has not ended");
      return;
    }
    String broken = promise.broken(answer.body());
    if (broken != null) {
      add(Sort.LOST, promise, broken);
    }
  }

  private void effectsOf(Promise promise, int expired) {
    for (String name : promise.errand().effects()) {
      int times = effects.times(promise.n(), name);
      effectsDone += times > 0 ? 1 : 0;
      effectsRepeated += Math.max(0, times - 1);
      if (times == 0 && promise.effectsPromised()) {
        add(Sort.LOST, promise, promise + ": Expected effect " + name + ", but it never happened");
      }
      if (times > 1 + expired) {
        add(
            Sort.DOUBLED,
            promise,
            "%s: Expected effect %s at most %d times, for %d leases ran out, but it happened %d times"
                .formatted(promise, name, 1 + expired, expired, times));
      }
    }
  }

  /** A timer ends no sooner than it must, by the clock of this process, which never steps. */
  private void late(Promise promise, String before, String after, Duration least) {
    Duration between = effects.between(promise.n(), before, after);
    if (between != null && between.compareTo(least) < 0) {
      add(
          Sort.DISORDERED,
          promise,
          "%s: Expected at least %d ms from %s to %s, but it were %d ms"
              .formatted(promise, least.toMillis(), before, after, between.toMillis()));
    }
  }

  /** How many leases of an execution have run out. */
  private Map<String, Integer> expired() throws SQLException {
    Map<String, Integer> expired = new HashMap<>();
    for (List<String> row :
        site.database()
            .rows(
                "select execution_id, count(*) from "
                    + EVENTS
                    + " where event_type = 'command.expired' group by 1")) {
      expired.put(row.get(0), Integer.parseInt(row.get(1)));
    }
    return expired;
  }

  private void doubledStarts() throws SQLException {
    for (List<String> row :
        site.database()
            .rows(
                """
                select dedup_key, count(*) from noetl.execution
                 where dedup_key is not null group by 1 having count(*) > 1
                """)) {
      violations.add(
          new Violation(
              Sort.DOUBLED,
              "Expected one execution of key " + row.get(0) + ", but there are " + row.get(1),
              null));
    }
    long roots =
        site.database()
            .number(
                "select count(*) from noetl.execution where parent_execution_id is null"
                    + " and dedup_key not like 'schedule:%'");
    long promised =
        load.promises().stream().filter(promise -> promise.executionId() != null).count();
    if (roots != promised) {
      violations.add(
          new Violation(
              roots > promised ? Sort.DOUBLED : Sort.LOST,
              "Expected "
                  + promised
                  + " executions that were started by clients, but there are "
                  + roots,
              null));
    }
  }

  /** What must hold of any database: order, folds, ends, and that every run waits for something. */
  private void invariants() {
    VerifyReport report =
        new Verifier(Verifier.Settings.DEFAULT).verify(site.database().config(), null, _ -> {});
    Map<String, Promise> byId = new HashMap<>();
    load.promises().forEach(promise -> byId.put(String.valueOf(promise.executionId()), promise));
    for (Finding finding : report.findings()) {
      if (finding.rule().severity() == Rule.Severity.ERROR) {
        violations.add(
            new Violation(
                sort(finding.rule()),
                finding.rule().word() + ": " + finding.message(),
                byId.get(Long.toString(finding.executionId()))));
      }
    }
  }

  private static Sort sort(Rule rule) {
    return switch (rule) {
      case EVENT_ID, END, ENDED_ONCE -> Sort.DOUBLED;
      case COMMAND_MISSING,
          COMMAND_OVERDUE,
          WAIT_MISSING,
          WAIT_OVERDUE,
          CHILD,
          CHILD_RUNS_ON,
          STUCK,
          OUTBOX_AGE ->
          Sort.STUCK;
      case RESULT_MISSING, RESULT_DELETED, RESULT_CONTENT -> Sort.LOST;
      default -> Sort.DISORDERED;
    };
  }

  void add(Sort sort, @Nullable Promise promise, String sentence) {
    violations.add(new Violation(sort, sentence, promise));
  }
}
