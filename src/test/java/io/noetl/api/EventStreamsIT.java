package io.noetl.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.postgres.Database;
import io.noetl.testing.Invariants;
import io.noetl.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Streams deliver every event once, in order, whoever committed it and however often they break.
 */
class EventStreamsIT {

  private static final ApiLimits LIMITS =
      new ApiLimits(
          2 << 20,
          2 << 20,
          2 << 20,
          2 << 20,
          100_000,
          16_384,
          64 << 20,
          2_000,
          2 << 20,
          2 << 20,
          100,
          1_000,
          500,
          500,
          1_000,
          Duration.ofSeconds(5),
          2,
          50,
          Duration.ofSeconds(30),
          Duration.ofMillis(200));
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static Database database;
  private static ServerParts server;
  private static ServerParts other;
  private static Client client;

  @BeforeAll
  static void start() {
    database = TestPostgres.open();
    server =
        new ServerParts(
            database, 1, ServerParts.config(LIMITS), new OpenAccess(ServerParts.INTERNAL_TOKEN));
    other = new ServerParts(database, 2);
    client = server.client();
    client.register(Playbooks.CHAIN);
    client.register(Playbooks.INSTANT);
  }

  @AfterAll
  static void stop() {
    Invariants.check(database.config());
    server.close();
    other.close();
    database.close();
  }

  private static SseClient open(String execution, String lastEventId) throws IOException {
    return new SseClient(server.url(), "/api/executions/" + execution + "/events", lastEventId, 0);
  }

  private static void finish(Client at, String execution) {
    for (String step : List.of("start", "second")) {
      String command = at.command(execution, step);
      at.claim(command, "w1").ok();
      at.report(execution, command, 1, "{\"n\":2}").ok();
    }
  }

  @Test
  void streamsALiveExecutionToItsEnd() throws IOException {
    String execution = client.execute("wire/chain");
    List<SseClient.Frame> frames = new ArrayList<>();
    try (SseClient stream = open(execution, null)) {
      assertThat(stream.head).startsWith("HTTP/1.1 200").contains("text/event-stream");
      assertThat(stream.next()).extracting(SseClient.Frame::retry).isEqualTo("2000");
      frames.add(stream.nextEvent());
      assertThat(frames.getFirst().event()).isEqualTo("playbook_started");

      finish(client, execution);

      SseClient.Frame frame;
      while ((frame = stream.nextEvent()) != null) {
        frames.add(frame);
      }
    }
    SseClient.Frame end = frames.removeLast();
    assertThat(end.event()).isEqualTo("end");
    assertThat(end.data()).isEqualTo("{\"status\":\"COMPLETED\"}");
    assertThat(frames)
        .extracting(frame -> frame.json().get("seq"))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, frames.size()).mapToObj(Long::valueOf).toList());
    assertThat(frames)
        .allSatisfy(frame -> assertThat(frame.id()).isEqualTo(frame.json().get("event_id")));
  }

  @Test
  void showsWhatAnotherServerCommits() throws IOException {
    String execution = client.execute("wire/chain");
    try (SseClient stream = open(execution, null)) {
      stream.nextEvent();
      stream.nextEvent();

      finish(other.client(), execution);

      List<String> types = new ArrayList<>();
      SseClient.Frame frame;
      while ((frame = stream.nextEvent()) != null) {
        types.add(frame.event());
      }
      assertThat(types).endsWith("playbook.completed", "end");
    }
  }

  @Test
  void resumesAfterEveryEventWithoutGapOrRepeat() throws IOException {
    String execution = client.execute("wire/chain");
    finish(client, execution);
    List<String> all = new ArrayList<>();
    String last = null;
    // A reader that is cut off after each event.
    while (true) {
      try (SseClient stream = open(execution, last)) {
        SseClient.Frame frame = stream.nextEvent();
        if (frame.event().equals("end")) {
          break;
        }
        all.add(String.valueOf(frame.json().get("seq")));
        last = frame.id();
      }
    }

    int count = Integer.parseInt(client.get("/api/executions/" + execution).text("event_count"));
    assertThat(all)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, count).mapToObj(String::valueOf).toList());
  }

  @Test
  void refusesToResumeAfterAnEventOfAnotherExecution() throws IOException {
    String execution = client.execute("wire/instant");
    String foreign =
        client
            .get("/api/executions/" + client.execute("wire/instant") + "/events")
            .text("events.0.event_id");

    try (SseClient stream = open(execution, foreign)) {
      assertThat(stream.head).startsWith("HTTP/1.1 400");
    }
    assertThat(
            client.get("/api/executions/" + execution + "/events?since_event_id=" + foreign).body())
        .containsEntry("code", "bad_cursor");
  }

  @Test
  void saysThatItIsStillThere() throws IOException {
    String execution = client.execute("wire/chain");
    try (SseClient stream = open(execution, null)) {
      SseClient.Frame frame = stream.next();
      while (frame != null && frame.comment() == null) {
        frame = stream.next();
      }

      assertThat(frame).isNotNull();
    }
  }

  @Test
  void closesAReaderThatFallsTooFarBehind() throws Exception {
    String execution = client.execute("wire/chain");
    String note =
        "{\"step\":\"start\",\"event_type\":\"my.note\",\"context\":{\"text\":\""
            + "x".repeat(20_000)
            + "\"}}";
    String batch =
        "{\"execution_id\":\""
            + execution
            + "\",\"events\":["
            + String.join(",", java.util.Collections.nCopies(100, note))
            + "]}";
    try (SseClient slow =
        new SseClient(server.url(), "/api/executions/" + execution + "/events", null, 4_096)) {
      slow.nextEvent();
      slow.nextEvent();
      // Caught up, it reads no more while megabytes arrive.
      SseClient.Frame silence = slow.next();
      assertThat(silence).isNotNull();
      for (int i = 0; i < 12; i++) {
        client.post("/api/events/batch", batch).ok();
      }

      await(() -> server.meters.counter("noetl.http.streams.slow").count() > 0);
    }
    await(() -> server.meters.get("noetl.http.streams").gauge().value() == 0);
    client.post("/api/executions/" + execution + "/cancel", "").ok();
  }

  @Test
  void refusesMoreStreamsThanTheLimit() throws IOException {
    String execution = client.execute("wire/chain");
    // Readers of other tests that have left are noticed at the next write.
    await(() -> server.meters.get("noetl.http.streams").gauge().value() == 0);
    try (SseClient one = open(execution, null);
        SseClient two = open(execution, null);
        SseClient three = open(execution, null)) {
      assertThat(one.head).startsWith("HTTP/1.1 200");
      assertThat(two.head).startsWith("HTTP/1.1 200");
      assertThat(three.head).startsWith("HTTP/1.1 429").containsIgnoringCase("retry-after");
    }
    client.post("/api/executions/" + execution + "/cancel", "").ok();
    await(() -> server.meters.get("noetl.http.streams").gauge().value() == 0);
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
