package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.bus.Subjects;
import io.noetl.postgres.Database;
import io.noetl.testing.TestPostgres;
import io.noetl.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OperationsIT {
  private static final Pattern ROUTE =
      Pattern.compile("(?m)^\\| (GET|POST|PUT|DELETE) \\| `([^`]+)` \\| (\\w+) \\|");
  private static Database database;
  private static ServerParts server;
  private static Client client;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    server = new ServerParts(database, 1);
    client = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
    database.close();
  }

  @Test
  void documentsEveryRouteAndNoOther() throws IOException {
    TreeSet<String> served = new TreeSet<>();
    for (Object route : (List<?>) client.get("/api/runtime/contract").ok().at("routes")) {
      Map<?, ?> entry = (Map<?, ?>) route;
      served.add(entry.get("method") + " " + entry.get("path") + " " + entry.get("class"));
    }
    TreeSet<String> documented = new TreeSet<>();
    Matcher rows = ROUTE.matcher(Files.readString(Path.of("docs/api.md")));
    while (rows.find()) {
      documented.add(rows.group(1) + " " + rows.group(2) + " " + rows.group(3));
    }

    assertThat(documented).isEqualTo(served).isNotEmpty();
  }

  @Test
  void tellsWhetherItLivesAndGetsOn() {
    assertThat(client.get("/health").ok().body()).containsEntry("status", "ok");
    assertThat(client.get("/livez").ok().body()).containsEntry("status", "ok");
    assertThat(client.get("/readyz").ok().body()).containsEntry("status", "ok");
    server.health.checks.set(
        List.of(
            new HealthSource.Check("publisher", true, null),
            new HealthSource.Check("projector", false, "no progress for 12 s")));
    server.health.database = false;

    Client.Answer ready = client.get("/readyz");
    Client.Answer health = client.get("/api/health");
    server.health.checks.set(List.of());
    server.health.database = true;

    assertThat(ready.status()).isEqualTo(503);
    assertThat(ready.text("checks.1.detail")).isEqualTo("no progress for 12 s");
    assertThat(health.status()).isEqualTo(503);
    assertThat(client.get("/api/health").ok().body())
        .containsEntry("auth", "off")
        .containsEntry("database", "ok")
        .containsEntry("nats", "embedded")
        .containsEntry("mode", "server")
        .containsKey("uptime_seconds");
  }

  @Test
  void showsVersionAndMeters() {
    assertThat(client.get("/version").ok().body())
        .containsEntry("version", "1.2.3")
        .containsEntry("abi", List.of("noetl.v1"));
    Client.Answer metrics = client.get("/metrics").ok();
    assertThat(metrics.header("Content-Type")).startsWith("text/plain; version=0.0.4");
    assertThat(metrics.text()).contains("# TYPE");
  }

  @Test
  void countsRequestsByRouteAndNeverById() {
    client.get("/api/executions/4711");

    // Counted once the reply is on its way, so perhaps after the client has it.
    Waiting.until(
        Duration.ofSeconds(10),
        () -> "no request was counted",
        () ->
            server
                    .meters
                    .get("noetl.http.request.duration")
                    .tags("method", "GET", "route", "/api/executions/{id}", "status", "4xx")
                    .timer()
                    .count()
                > 0);
  }

  @Test
  void tellsTheShardOfAnExecution() {
    Client.Answer own = client.get("/api/runtime/shard-info?execution_id=329857210375012353").ok();
    Client.Answer asked =
        client.get("/api/runtime/shard-info?execution_id=329857210375012353&shard_count=7").ok();

    assertThat(own.body())
        .containsEntry("shard_count", 16L)
        .containsEntry("shard_index", (long) Subjects.shardOf(329857210375012353L, 16))
        .containsEntry("hash_function", "XxHash64")
        .containsEntry("source", "server");
    assertThat(asked.body())
        .containsEntry("shard_index", (long) Subjects.shardOf(329857210375012353L, 7))
        .containsEntry("source", "request");
  }
}
