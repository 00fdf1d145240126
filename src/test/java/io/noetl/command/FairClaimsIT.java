package io.noetl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.command.CommandQueue.ClaimRequest;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.ExecutionSettings;
import io.noetl.journal.IntentReply;
import io.noetl.postgres.Database;
import io.noetl.testing.TestEngine;
import io.noetl.testing.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Claims of two servers on one database, whose workers two tenants want. */
final class FairClaimsIT {
  private static final Duration LEASE = Duration.ofSeconds(30);

  private Database database;
  private TestEngine engine;
  private FairClaims one;
  private FairClaims two;
  private long playbook;
  private String pool;

  @BeforeEach
  void start() {
    database = TestPostgres.open();
    engine = new TestEngine(database, 1);
    one = server();
    two = server();
    playbook =
        TestEngine.define("workflow:\n  - {step: start, tool: {kind: python, code: \"x\"}}\n");
  }

  @AfterEach
  void stop() {
    engine.close();
    database.close();
  }

  private FairClaims server() {
    CommandQueue queue = new CommandQueue(database.dataSource(Database.Pool.APPEND));
    return new FairClaims(
        queue,
        FairShare.of(queue, Duration.ofMillis(1), new FairnessMetrics(new SimpleMeterRegistry())));
  }

  /** Ids of commands that wait for a tenant, in the order of their hints. */
  private List<Long> waiting(String tenant, int count) {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      IntentReply reply =
          engine.intents.handle(
              tenant,
              engine.ids.next(),
              new ExecutionIntent.Start(
                  playbook, "spec/t", 1, Map.of(), null, null, null, ExecutionSettings.DEFAULT));
      if (!(reply instanceof IntentReply.Accepted accepted)) {
        throw new AssertionError(reply);
      }
      accepted.state().commands().forEach((id, command) -> ids.add(id));
    }
    return ids;
  }

  private Claim claim(FairClaims server, long commandId, boolean other) throws Exception {
    return server
        .claim(List.of(new ClaimRequest(commandId, "w", LEASE, pool(commandId), other)))
        .getFirst();
  }

  private String pool(long commandId) throws Exception {
    if (pool == null) {
      pool = engine.commands.row(commandId).pool();
    }
    return pool;
  }

  private Claim.Granted granted(FairClaims server, long hint) throws Exception {
    return (Claim.Granted) claim(server, hint, false);
  }

  @Test
  void twoServersTakeTurnsAndEachHintGetsOneCommand() throws Exception {
    List<Long> hints = waiting("a", 20);
    hints.addAll(waiting("b", 20));
    List<Claim.Granted> grants = new ArrayList<>();
    for (int i = 0; i < hints.size(); i++) {
      grants.add(granted(i % 2 == 0 ? one : two, hints.get(i)));
    }

    assertThat(grants.stream().map(Claim.Granted::commandId))
        .containsExactlyInAnyOrderElementsOf(hints);
    assertThat(grants.subList(0, 20).stream().filter(grant -> grant.tenantId().equals("b")))
        .as("of the first 20, whose hints are all of a")
        .hasSizeBetween(8, 12);
    assertThat(claim(one, hints.getFirst(), true))
        .as("nothing waits")
        .isInstanceOf(Claim.LeaseActive.class);
  }

  @Test
  void withinATenantTheOldestIsFirst() throws Exception {
    List<Long> ofA = waiting("a", 4);
    List<Long> ofB = waiting("b", 4);
    List<Long> servedOfB = new ArrayList<>();
    for (long hint : ofA) {
      Claim.Granted grant = granted(one, hint);
      if (grant.tenantId().equals("b")) {
        servedOfB.add(grant.commandId());
      }
    }

    assertThat(servedOfB).isNotEmpty().isEqualTo(ofB.subList(0, servedOfB.size()));
  }

  @Test
  void whatWasGivenBackOrPutAsideIsNotTakenInExchange() throws Exception {
    List<Long> ofA = waiting("a", 3);
    Claim.Granted back = granted(one, ofA.get(0));
    engine.commands.release(back.commandId(), "w", back.fence(), Duration.ofHours(1));
    List<Long> ofB = waiting("b", 2);
    List<Long> got = new ArrayList<>();
    for (long hint : List.of(ofA.get(1), ofB.get(0), ofB.get(1), ofA.get(2))) {
      got.add(granted(one, hint).commandId());
    }

    assertThat(got).containsExactlyInAnyOrder(ofA.get(1), ofA.get(2), ofB.get(0), ofB.get(1));
    assertThat(granted(one, back.commandId()).attempt()).as("its own hint").isEqualTo(1);
  }

  @Test
  void aHintOfACommandThatTheWorkerHasWakesForAnother() throws Exception {
    List<Long> ofA = waiting("a", 2);
    List<Long> ofB = waiting("b", 2);
    Claim.Granted first = granted(one, ofA.get(0));

    Claim.Granted next = (Claim.Granted) claim(one, first.commandId(), true);

    assertThat(next.commandId()).isNotEqualTo(first.commandId());
    assertThat(ofB).isNotEmpty();
  }

  @Test
  void aClaimThatNamesNoPoolGetsWhatItNames() throws Exception {
    List<Long> ofA = waiting("a", 3);
    waiting("b", 3);
    for (long hint : ofA) {
      Claim claim = one.claim(List.of(new ClaimRequest(hint, "w", LEASE))).getFirst();

      assertThat(((Claim.Granted) claim).commandId()).isEqualTo(hint);
    }
  }

  @Test
  void aPoolOfOneTenantGivesEachClaimWhatItNames() throws Exception {
    List<Long> ofA = waiting("a", 5).reversed();
    for (long hint : ofA) {
      assertThat(granted(one, hint).commandId()).isEqualTo(hint);
    }
    assertThat(claim(one, ofA.getFirst(), true)).isInstanceOf(Claim.LeaseActive.class);
  }
}
