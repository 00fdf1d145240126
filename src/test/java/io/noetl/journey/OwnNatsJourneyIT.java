package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.noetl.config.ConfigLoader;
import io.noetl.config.NoetlConfig;
import io.noetl.mode.EmbeddedRuntime;
import io.noetl.mode.Wiring;
import io.noetl.testing.Databases;
import io.noetl.testing.Invariants;
import io.noetl.testing.NatsServers;
import io.noetl.testing.TestClient;
import io.noetl.testing.Waiting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every role in this process, on a nats-server that comes and goes with it. */
class OwnNatsJourneyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @Test
  void runsOnANatsServerOfItsOwnAndAgainOnTheSameFolder() throws Exception {
    Path binary = NatsServers.binary();
    for (int start = 1; start <= 2; start++) {
      EmbeddedRuntime runtime = new Wiring().embedded();
      long server;
      try {
        TestClient client = new TestClient(runtime.start(config(binary)).toString());
        assertThat(runtime.facts()).anyMatch(fact -> fact.startsWith("nats-server on port "));
        server = pid();
        Journey.register(client);
        String execution = client.execute(Journey.CHAIN.path(), Map.of("n", 4));
        assertThat(client.ended(execution, PATIENCE)).containsEntry("status", "COMPLETED");
        // Its system pool reads modules with a token that nobody else has.
        String plugin = client.execute(Journey.PLUGIN.path(), Map.of("n", 4));
        assertThat(client.ended(plugin, PATIENCE)).containsEntry("status", "COMPLETED");
        assertThat(client.get("/api/internal/outbox/pending-count").status()).isEqualTo(403);
        if (start == 1) {
          keepsHintsOfNobody(runtime, client);
        }
        Invariants.checkSettled(Databases.embeddedIn(folder.resolve("postgres")), PATIENCE);
      } finally {
        runtime.close();
      }
      assertThat(ProcessHandle.of(server).filter(ProcessHandle::isAlive))
          .as("nats-server after start " + start)
          .isEmpty();
    }
  }

  /** A hint that names no command, and one that cannot be read: both end where people see them. */
  private static void keepsHintsOfNobody(EmbeddedRuntime runtime, TestClient client)
      throws Exception {
    String port =
        runtime.facts().stream()
            .filter(fact -> fact.startsWith("nats-server on port "))
            .map(fact -> fact.replaceAll("^nats-server on port (\\d+).*$", "$1"))
            .findFirst()
            .orElseThrow();
    Connection nats = Nats.connect("nats://127.0.0.1:" + port);
    try {
      for (String body : List.of("{\"command_id\":\"5\"}", "no hint")) {
        nats.jetStream().publish("noetl.commands.shared.5", body.getBytes(StandardCharsets.UTF_8));
      }
      Waiting.until(
          PATIENCE,
          () -> client.look("/api/commands?dead=true").text(),
          () -> {
            String dead = client.look("/api/commands?dead=true").text();
            return dead.contains("command 5 not found") && dead.contains("it cannot be read");
          });
    } finally {
      nats.close();
    }
  }

  private long pid() throws Exception {
    String line = Files.readString(folder.resolve("nats/nats-server.pid")).strip();
    return Long.parseLong(line.split("\\s+")[0]);
  }

  private NoetlConfig config(Path binary) {
    return ConfigLoader.load(
            Optional.empty(),
            Map.of(
                "server.port", "0",
                "data.folder", folder.toString(),
                "bus.mode", "nats",
                "bus.url", "",
                "bus.nats-server", binary.toString(),
                "worker.drain", "0s"))
        .config();
  }
}
