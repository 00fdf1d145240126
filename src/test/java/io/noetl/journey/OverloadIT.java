package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Migrations;
import io.noetl.testing.Invariants;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.testing.OwnPostgres;
import io.noetl.testing.TestClient;
import io.noetl.testing.TestClient.Answer;
import io.noetl.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Roles stand still while clients go on: starts are refused in time, and what runs is finished. */
class OverloadIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String ONLY_PLUGIN =
      """
      apiVersion: noetl.io/v2
      kind: Playbook
      metadata: {name: only_plugin, path: journey/only-plugin}
      workflow:
        - step: start
          tool: {kind: wasm, plugin: {path: journey/word-count}, input: {text: "a b"}}
      """;

  private NatsServer nats;
  private OwnPostgres postgres;
  private Cluster cluster;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    nats = NatsServers.start();
    postgres = new OwnPostgres();
    new Migrations(postgres.config()).migrate(_ -> {});
    cluster =
        new Cluster(
            "overload",
            postgres.config(),
            nats.url(),
            Map.of(
                "admission.commands-high", "30",
                "admission.outbox-high", "200",
                "admission.sample", "100ms"));
    cluster.ready();
    client = new TestClient(cluster.role(Cluster.SERVER).url());
    Journey.register(client);
    client.register(ONLY_PLUGIN);
  }

  @AfterEach
  void stop() {
    cluster.close();
    nats.close();
    postgres.close();
  }

  /** Starts executions until one is refused. */
  private List<String> untilRefused(String path, String because) throws IOException {
    List<String> started = new ArrayList<>();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Answer answer = client.post("/api/execute", Map.of("path", path, "payload", Map.of("n", 1)));
      if (answer.status() == 429) {
        assertThat(answer.body()).containsEntry("code", "overloaded");
        assertThat(answer.text()).contains(because);
        return started;
      }
      started.add(String.valueOf(answer.ok().body().get("execution_id")));
      assertThat(System.nanoTime()).as("no refusal in time").isLessThan(deadline);
    }
  }

  private void completes(List<String> executions) {
    for (String execution : executions) {
      assertThat(client.ended(execution, PATIENCE)).containsEntry("status", "COMPLETED");
    }
  }

  private void acceptedAgain() {
    Waiting.until(
        PATIENCE,
        () -> "still refused",
        () -> {
          try {
            return client.post("/api/execute", Map.of("path", "journey/chain")).status() == 200;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Test
  void aStoppedWorkerAndThenAStoppedPublisher() throws Exception {
    cluster.role(Cluster.WORKER).kill();
    List<String> waiting = untilRefused("journey/chain", "admission.commands-high");
    assertThat(waiting).hasSizeGreaterThanOrEqualTo(30);
    // No other pool is concerned.
    completes(List.of(client.execute("journey/only-plugin", Map.of())));

    cluster.ready();
    completes(waiting);
    acceptedAgain();

    cluster.role(Cluster.PUBLISHER).kill();
    cluster.role(Cluster.WORKER).kill();
    List<String> unpublished = untilRefused("journey/routes", "admission.outbox-high");
    completes(unpublished);

    cluster.ready();
    acceptedAgain();
    Invariants.checkSettled(postgres.config(), PATIENCE);
  }
}
