package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.DatabaseConfig;
import io.noetl.config.EmbeddedPostgresConfig;
import io.noetl.postgres.Database;
import io.noetl.postgres.EmbeddedPostgresServer;
import io.noetl.postgres.Migrations;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that goes away is a 503 that says when to come back, and nothing else breaks. */
class DatabaseDownIT {
  @Test
  void answersThatTheDatabaseIsAway(@TempDir Path folder) {
    EmbeddedPostgresServer postgres =
        new EmbeddedPostgresServer(folder, EmbeddedPostgresConfig.defaults());
    postgres.start();
    DatabaseConfig config = impatient(postgres.database(DatabaseConfig.defaults()));
    new Migrations(config).migrate(_ -> {});
    Database database = new Database(config, "test", null, _ -> {});
    database.start();
    try (ServerParts server = new ServerParts(database, 1)) {
      Client client = server.client();
      client.register(Playbooks.CHAIN);
      String execution = client.execute("wire/chain");
      String command = client.command(execution, "start");
      client.claim(command, "w1").ok();

      postgres.close();

      expectUnavailable(client.get("/api/executions/" + execution));
      expectUnavailable(client.post("/api/execute", "{\"path\":\"wire/chain\"}"));
      expectUnavailable(client.claim(command, "w1"));
      expectUnavailable(client.report(execution, command, 1, "1"));
      expectUnavailable(client.post("/api/worker/pool/heartbeat", "{\"name\":\"w1\"}"));
      assertThat(client.get("/health").status()).isEqualTo(200);
      assertThat(client.get("/version").status()).isEqualTo(200);
    } finally {
      postgres.close();
      database.close();
    }
  }

  private static void expectUnavailable(Client.Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(503);
    assertThat(answer.body()).containsEntry("code", "database_unavailable");
    assertThat(answer.header("Retry-After")).isEqualTo("1");
    assertThat(answer.text("error")).doesNotContain("postgresql", "SQL", "Exception");
  }

  private static DatabaseConfig impatient(DatabaseConfig config) {
    return new DatabaseConfig(
        config.host(),
        config.port(),
        config.name(),
        config.user(),
        config.password(),
        config.sslMode(),
        config.appendConnections(),
        config.readConnections(),
        config.backgroundConnections(),
        Duration.ofMillis(250),
        config.socketTimeout(),
        config.statementTimeout(),
        config.startTimeout());
  }
}
