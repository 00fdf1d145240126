package io.noetl.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.noetl.bus.Bus;
import io.noetl.bus.BusLimits;
import io.noetl.bus.EmbeddedBus;
import io.noetl.bus.Subjects;
import io.noetl.json.Json;
import io.noetl.support.Progress;
import io.noetl.testing.RecordingServer;
import io.noetl.testing.RecordingServer.Answer;
import io.noetl.testing.RecordingServer.Request;
import io.noetl.testing.Waiting;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hints that no worker can handle, from the bus to the server that keeps them. */
class DeadLettersTest {
  private static final String RECORD = "/api/dead-messages";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final AtomicInteger refusals = new AtomicInteger();
  private RecordingServer server;
  private Bus bus;
  private Pool pool;

  @BeforeEach
  void start() throws Exception {
    server = new RecordingServer(this::answer);
    bus = new EmbeddedBus(BusLimits.embeddedDefaults(), InstantSource.system());
    bus.ensureStreams();
    PoolSettings settings =
        new PoolSettings(
            "shared",
            "w1",
            1,
            Duration.ofSeconds(30),
            Duration.ZERO,
            "pool-shared",
            List.of(Subjects.commandsOfPool("shared")),
            List.of("noop"),
            Map.of());
    pool =
        new Pool(
            bus,
            new ServerClient(server.url(""), Duration.ofSeconds(5), ""),
            _ -> {
              throw new AssertionError("nothing runs here");
            },
            new Parking(1),
            settings,
            1_000,
            new PoolMetrics(new SimpleMeterRegistry(), "shared", 1),
            new Progress(System::nanoTime).loop("pool", Duration.ofMinutes(1)));
    pool.start();
  }

  @AfterEach
  void stop() throws Exception {
    pool.close();
    bus.close();
    server.close();
  }

  private Answer answer(Request request) {
    if (request.path().endsWith("/claim")) {
      return new Answer(404, "{\"error\":\"command 7 not found\",\"code\":\"not_found\"}");
    }
    if (request.path().equals(RECORD) && refusals.getAndDecrement() > 0) {
      return new Answer(503, "{\"error\":\"not now\"}");
    }
    return new Answer(
        200,
        "{\"status\":\"ok\",\"runtime_id\":\"1\",\"lease_seconds\":30,\"heartbeat_seconds\":15}");
  }

  private Map<String, Object> recorded(String body) throws Exception {
    bus.publish(Subjects.command("shared", 8), "m1", body.getBytes(UTF_8)).get();
    Waiting.until(PATIENCE, () -> "the hint is recorded", () -> !server.requests(RECORD).isEmpty());
    return Json.parseObject(server.last(RECORD).body());
  }

  @Test
  void aHintWhoseCommandIsUnknownIsRecorded() throws Exception {
    assertThat(recorded("{\"command_id\":\"7\",\"execution_id\":\"8\"}"))
        .containsEntry("worker_id", "w1")
        .containsEntry("command_id", "7")
        .containsEntry("execution_id", "8")
        .containsEntry("reason", "command 7 not found");
  }

  @Test
  void aHintThatCannotBeReadIsRecordedAsItIs() throws Exception {
    assertThat(recorded("{\"command_id\":oh"))
        .containsEntry("body", "{\"command_id\":oh")
        .containsEntry("subject", Subjects.command("shared", 8))
        .containsEntry("command_id", null)
        .extractingByKey("reason")
        .asString()
        .startsWith("it cannot be read: ");
    assertThat(server.requests("/api/commands/7/claim")).isEmpty();
  }

  @Test
  void aHintThatCannotBeRecordedNowComesAgain() throws Exception {
    refusals.set(1);
    recorded("{\"command_id\":\"7\"}");

    Waiting.until(
        PATIENCE, () -> "the hint comes again", () -> server.requests(RECORD).size() == 2);
  }
}
