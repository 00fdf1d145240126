package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Migrations;
import io.noetl.testing.Balancer;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.testing.OwnPostgres;
import io.noetl.testing.RoleProcess;
import io.noetl.testing.TestClient;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The five roles as five processes, with a real PostgreSQL and a real nats-server, and what happens
 * to executions when any of them dies: nothing but a delay.
 */
class FiveProcessesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static OwnPostgres postgres;
  private static NatsServer nats;
  private static Cluster cluster;
  private static TestClient client;

  /** In any order, before there is a bus or a schema: every role waits for what it needs. */
  @BeforeAll
  static void startInAnyOrder() throws Exception {
    nats = NatsServers.start();
    nats.stop();
    postgres = new OwnPostgres();
    cluster = new Cluster("five-processes", postgres.config(), nats.url());
    List<RoleProcess> order = cluster.roles();
    long seed = System.nanoTime();
    Collections.shuffle(order, new Random(seed));
    System.out.println("start order of seed " + seed + ": " + names(order));

    order.forEach(RoleProcess::start);
    new Migrations(postgres.config()).migrate(_ -> {});
    nats.restart();

    cluster.ready();
    client = new TestClient(cluster.role(Cluster.SERVER).url());
    Journey.register(client);
  }

  private static List<String> names(List<RoleProcess> roles) {
    return roles.stream().map(RoleProcess::name).toList();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (nats != null) {
      nats.close();
    }
    if (postgres != null) {
      postgres.close();
    }
  }

  /** Each test finds five processes, whatever the one before did to them. */
  @BeforeEach
  void fiveProcesses() {
    cluster.ready();
  }

  @AfterEach
  void everythingHolds() {
    cluster.ready();
    Invariants.checkSettled(postgres.config(), PATIENCE);
  }

  private static long count(String sql) throws Exception {
    return Databases.count(postgres.config(), sql);
  }

  @Test
  void oneExecutionGoesThroughAllOfThem() throws Exception {
    String execution = client.execute(Journey.PLUGIN.path(), Map.of("n", 2));

    assertThat(client.ended(execution, PATIENCE))
        .containsEntry("status", "COMPLETED")
        .containsEntry("result", Map.of("words", 6L, "most", "a"));

    Invariants.checkSettled(postgres.config(), PATIENCE);
    assertThat(client.events(execution))
        .extracting(event -> event.get("event_type"))
        .containsExactly(
            "playbook_started",
            "command.issued",
            "text.counted",
            "capability.called",
            "call.done",
            "command.issued",
            "call.done",
            "step.exit",
            "playbook.completed");
    assertThat(count("select count(*) from noetl.event where execution_id = " + execution))
        .as("events in the log")
        .isEqualTo(9);
  }

  @Test
  void killingEachRoleInTurnLosesNothing() throws Exception {
    try (Load load = new Load("kill-each", client, postgres.config())) {
      for (String mode : Cluster.MODES) {
        load.begin(40);
        load.underWay();
        RoleProcess victim = cluster.role(mode);
        victim.kill();
        victim.start();
      }
      load.awaitStarted();
      Invariants.checkSettled(postgres.config(), PATIENCE);
      load.assertResults();
    }
  }

  @Test
  void killingTheBusAndWipingItsStoreLosesNothing() throws Exception {
    try (Load load = new Load("wiped-bus", client, postgres.config())) {
      load.begin(60);
      load.underWay();
      nats.kill();
      try {
        nats.wipe();
        load.begin(20);
        load.awaitStarted();
      } finally {
        nats.restart();
      }

      Invariants.checkSettled(postgres.config(), PATIENCE);
      load.assertResults();
    }
  }

  @Test
  void crashingTheDatabaseLosesNothing() throws Exception {
    try (Load load = new Load("crashed-database", client, postgres.config())) {
      load.begin(60);
      load.underWay();
      postgres.crash();
      try {
        load.begin(20);
      } finally {
        postgres.restart();
      }

      load.awaitStarted();
      Invariants.checkSettled(postgres.config(), PATIENCE);
      load.assertResults();
    }
  }

  @Test
  void twoServersInTurnDecideEachStepOnce() throws Exception {
    RoleProcess one = cluster.role(Cluster.SERVER);
    RoleProcess two = cluster.add("server-2", Cluster.SERVER, Map.of());
    try (Balancer balancer = new Balancer(List.of(one.url(), two.url()))) {
      Map<String, String> toBoth =
          Map.of("worker.server-url", balancer.url(), "system-pool.server-url", balancer.url());
      cluster.role(Cluster.WORKER).kill();
      cluster.role(Cluster.SYSTEM_POOL).kill();
      for (RoleProcess role :
          List.of(
              two,
              cluster.add("worker-2", Cluster.WORKER, toBoth),
              cluster.add("system-pool-2", Cluster.SYSTEM_POOL, toBoth))) {
        role.start().awaitReady(Cluster.START);
      }
      try (Load load =
          new Load("two-servers", new TestClient(one.url(), two.url()), postgres.config())) {
        load.begin(100);
        load.underWay();
        two.kill();
        two.start().awaitReady(Cluster.START);
        load.begin(100);

        load.awaitStarted();
        Invariants.checkSettled(postgres.config(), PATIENCE);
        load.assertResults();
      }
      assertThat(decided(one)).as("decided by the first server").isPositive();
      assertThat(decided(two)).as("decided by the second server").isPositive();
    } finally {
      cluster.remove("server-2", "worker-2", "system-pool-2");
    }
  }

  private static double decided(RoleProcess server) throws Exception {
    return new TestClient(server.url())
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("noetl_journal_events_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
