package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.bus.Subjects;
import io.noetl.query.Outbox;
import io.noetl.testing.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OperationsIT {
  private static RunningServer running;
  private static Client client;

  @BeforeAll
  static void start() {
    running = RunningServer.start(Playbooks.CHAIN);
    client = running.client();
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void tellsWhetherItLivesAndGetsOn() {
    assertThat(client.get("/health").ok().body()).containsEntry("status", "ok");
    assertThat(client.get("/livez").ok().body()).containsEntry("status", "ok");
    assertThat(client.get("/readyz").ok().body()).containsEntry("status", "ok");
    running
        .server()
        .health
        .checks
        .set(
            List.of(
                new HealthSource.Check("publisher", true, null),
                new HealthSource.Check("projector", false, "no progress for 12 s")));
    running.server().health.database = false;

    Client.Answer ready = client.get("/readyz");
    Client.Answer health = client.get("/api/health");
    running.server().health.checks.set(List.of());
    running.server().health.database = true;

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
  void saysWhoPublishesAndHowFarTheLogIsBehind() throws Exception {
    AtomicLong nanos = new AtomicLong();
    TripHealth trip = new TripHealth(new Outbox(running.database()), nanos::get);
    running.update("delete from noetl.event_outbox");
    assertThat(trip.members())
        .containsEntry("publisher", Map.of("status", "missing"))
        .containsEntry("projector", Map.of("lag_events", 0L, "lag_seconds", 0.0));

    client.execute("wire/chain");
    assertThat(trip.members().get("projector")).as("as it was seen").asString().contains("=0,");
    nanos.addAndGet(Duration.ofSeconds(3).toNanos());
    assertThat(trip.members().get("projector")).asString().doesNotContain("lag_events=0,");
    assertThat(client.get("/api/health").ok().map("projector"))
        .containsKeys("lag_events", "lag_seconds");
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
            running
                    .server()
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
