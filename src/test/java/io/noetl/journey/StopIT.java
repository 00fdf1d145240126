package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.DatabaseConfig;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.testing.Processes;
import io.noetl.testing.RoleProcess;
import io.noetl.testing.TestClient;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** SIGTERM: what runs is finished or given back, nothing is lost, and the exit code says so. */
class StopIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** For a role that has little to finish; the settings allow far more to one that has much. */
  private static final Duration SOON = Duration.ofSeconds(8);

  /** A step that says when it has begun, and ends when it is told to. */
  private static final String WAITING =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: waiting, path: stop/waiting}
      workflow:
        - step: start
          tool:
            kind: python
            input: {began: "{{ workload.began }}", go: "{{ workload.go }}"}
            code: |
              import os, time
              open(began, "a").write("began\\n")
              while not os.path.exists(go):
                  time.sleep(0.01)
              result = {"n": 7}
          next: end
        - step: end
          tool: {kind: noop, result: {n: "{{ start.n }}"}}
      """;

  private static NatsServer nats;
  private static DatabaseConfig database;
  private static Cluster cluster;
  private static TestClient client;

  @TempDir private Path signals;

  @BeforeAll
  static void start() throws Exception {
    nats = NatsServers.start();
    database = TestPostgres.migrated();
    cluster = new Cluster("stop", database, nats.url());
    cluster.ready();
    client = new TestClient(cluster.role(Cluster.SERVER).url());
    Journey.register(client);
    client.register(WAITING);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (nats != null) {
      nats.close();
    }
  }

  @AfterEach
  void everythingHolds() {
    cluster.ready();
    Invariants.checkSettled(database, PATIENCE);
  }

  static List<String> modes() {
    return Cluster.MODES;
  }

  private static void assertStops(RoleProcess role) {
    role.terminate();
    assertThat(role.awaitExit(SOON)).as(role.log()).isZero();
    assertThat(role.log())
        .endsWith("noetl: stopped\n")
        .doesNotContain("SEVERE")
        .doesNotContain("did not close");
  }

  @ParameterizedTest
  @MethodSource("modes")
  void aRoleEndsCleanlyUnderLoadAndNothingIsLost(String mode) throws Exception {
    RoleProcess role = cluster.role(mode);
    try (Load load = new Load("stop-" + mode, client, database)) {
      load.begin(20);
      load.underWay();

      assertStops(role);

      role.start();
      load.awaitStarted();
      Invariants.checkSettled(database, PATIENCE);
      load.assertResults();
    }
  }

  private String begin(String name, Path go) throws Exception {
    Path began = signals.resolve(name);
    String execution =
        client.execute("stop/waiting", Map.of("began", began.toString(), "go", go.toString()));
    Waiting.until(PATIENCE, () -> name + " has not begun", () -> Files.exists(began));
    return execution;
  }

  private static List<Map<String, Object>> ofType(String execution, String type) throws Exception {
    return client.events(execution).stream()
        .filter(event -> type.equals(event.get("event_type")))
        .toList();
  }

  @Test
  void aWorkerReportsWhatRunsBeforeItEnds() throws Exception {
    RoleProcess worker = cluster.role(Cluster.WORKER);
    Path go = signals.resolve("go");
    String execution = begin("began", go);

    worker.terminate();
    Waiting.until(
        PATIENCE, () -> "no word of the stop", () -> worker.log().endsWith("noetl: stopping …\n"));
    Files.createFile(go);

    assertThat(worker.awaitExit(SOON)).as(worker.log()).isZero();
    assertThat(client.execution(execution))
        .as("as soon as the worker has ended")
        .containsEntry("status", "COMPLETED")
        .containsEntry("result", Map.of("n", 7L));
    assertThat(Files.readAllLines(signals.resolve("began"))).as("runs of the step").hasSize(1);
    assertThat(ofType(execution, "command.expired")).isEmpty();
    assertThat(
            Databases.count(database, "select count(*) from noetl.runtime where pool = 'shared'"))
        .as("registered workers")
        .isZero();
  }

  @Test
  void aWorkerGivesBackWhatDoesNotEndInTimeWithoutCountingTheAttempt() throws Exception {
    cluster.role(Cluster.WORKER).terminate();
    cluster.role(Cluster.WORKER).awaitExit(SOON);
    RoleProcess hasty =
        cluster
            .add(
                "hasty-worker",
                Cluster.WORKER,
                Map.of(
                    "worker.drain",
                    "300ms",
                    "worker.lease",
                    "30s",
                    "worker.server-url",
                    cluster.role(Cluster.SERVER).url()))
            .start()
            .awaitReady(Cluster.START);
    Path go = signals.resolve("go");
    String execution = begin("began", go);
    List<ProcessHandle> interpreters = hasty.children();

    hasty.terminate();

    assertThat(hasty.awaitExit(SOON)).as(hasty.log()).isZero();
    Waiting.until(
        PATIENCE,
        () -> "interpreters live on: " + interpreters,
        () -> interpreters.stream().noneMatch(ProcessHandle::isAlive));
    cluster.remove("hasty-worker");
    cluster.ready();
    Files.createFile(go);
    assertThat(client.ended(execution, PATIENCE)).containsEntry("status", "COMPLETED");
    assertThat(Files.readAllLines(signals.resolve("began"))).as("runs of the step").hasSize(2);
    assertThat(ofType(execution, "command.expired")).isEmpty();
    assertThat(ofType(execution, "call.done"))
        .singleElement()
        .extracting(event -> ((Map<?, ?>) event.get("meta")).get("attempt"))
        .isEqualTo(1L);
  }

  @Test
  void interpretersDoNotOutliveAKilledWorker() throws Exception {
    RoleProcess worker = cluster.role(Cluster.WORKER);
    Path go = signals.resolve("go");
    String execution = begin("began", go);
    List<ProcessHandle> interpreters = worker.children();
    assertThat(interpreters).isNotEmpty();

    worker.kill();
    Files.createFile(go);

    Waiting.until(
        PATIENCE,
        () -> "interpreters live on: " + interpreters,
        () -> interpreters.stream().noneMatch(ProcessHandle::isAlive));
    cluster.ready();
    assertThat(client.ended(execution, PATIENCE)).containsEntry("status", "COMPLETED");
    assertThat(ofType(execution, "command.expired")).hasSize(1);
  }

  @Test
  void modeAllTakesItsDatabaseWithItAndGoesOnAfterAKill() throws Exception {
    try (Processes processes = new Processes("stop-all")) {
      RoleProcess all =
          processes.role(
              "all",
              "all",
              Map.of(
                  "data.folder",
                  signals.resolve("data").toString(),
                  "bus.mode",
                  "memory",
                  "command.lease",
                  "2s",
                  "worker.lease",
                  "2s",
                  "command.republish-after",
                  "1s"),
              Map.of());
      all.start().awaitReady(Cluster.START);
      TestClient own = new TestClient(all.url());
      own.register(WAITING);
      Path go = signals.resolve("go");
      Path began = signals.resolve("began-all");
      String execution =
          own.execute("stop/waiting", Map.of("began", began.toString(), "go", go.toString()));
      Waiting.until(PATIENCE, () -> "has not begun", () -> Files.exists(began));

      all.kill();
      Files.createFile(go);
      all.start().awaitReady(Cluster.START);

      assertThat(own.ended(execution, PATIENCE))
          .containsEntry("status", "COMPLETED")
          .containsEntry("result", Map.of("n", 7L));
      Path postgres = signals.resolve("data").resolve("postgres");
      Invariants.checkSettled(Databases.embeddedIn(postgres), PATIENCE);
      List<ProcessHandle> children = all.children();
      assertStops(all);
      assertThat(children).noneMatch(ProcessHandle::isAlive);
      assertThat(postgres.resolve("data").resolve("postmaster.pid")).doesNotExist();
    }
  }
}
