package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.api.Token;
import io.noetl.api.Tokens;
import io.noetl.json.Json;
import io.noetl.postgres.Migrations;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.testing.OwnPostgres;
import io.noetl.testing.TestClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pools in processes of their own show their tokens to the server, and serve every tenant. */
class TokensOfProcessesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void poolsWithTokensOfEveryTenantServeTwo(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("tokens.json");
    Files.write(
        file,
        Json.bytes(
            Map.of(
                "tokens",
                List.of(
                    entry("of-acme", "acme", Token.Role.USER),
                    entry("of-bank", "bank", Token.Role.USER),
                    entry("of-worker", "*", Token.Role.WORKER),
                    entry("of-system", "*", Token.Role.WORKER)))));
    try (NatsServer nats = NatsServers.start();
        OwnPostgres postgres = new OwnPostgres()) {
      new Migrations(postgres.config()).migrate(_ -> {});
      Map<String, String> settings =
          Map.of(
              "auth.mode", "token",
              "auth.tokens-file", file.toString(),
              "worker.token", "of-worker",
              "system-pool.token", "of-system");
      try (Cluster cluster = new Cluster("tokens", postgres.config(), nats.url(), settings)) {
        cluster.ready();
        String url = cluster.role(Cluster.SERVER).url();
        for (String tenant : List.of("acme", "bank")) {
          TestClient client = TestClient.withToken(url, "of-" + tenant);
          Journey.register(client);
          for (Journey journey : Journey.ALL) {
            String id = client.execute(journey.path(), Map.of("n", 3));
            Map<String, Object> ended = client.ended(id, PATIENCE);
            assertThat(ended).as(tenant + ended).containsEntry("status", "COMPLETED");
            assertThat(ended.get("result")).isEqualTo(journey.result().apply(3));
          }
          assertThat(client.get("/api/dead-messages").ok().body().get("items"))
              .isEqualTo(List.of());
        }
      }
    }
  }

  private static Map<String, Object> entry(String secret, String tenant, Token.Role role) {
    return Tokens.entry(secret, new Token(secret, tenant, Set.of(role), null));
  }
}
