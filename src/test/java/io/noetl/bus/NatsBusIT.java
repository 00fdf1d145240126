package io.noetl.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StreamConfiguration;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract on a real server, and what only a server can do: die, forget, refuse. */
class NatsBusIT extends BusContract {

  private static NatsServer server;

  @BeforeAll
  static void startServer() throws Exception {
    server = NatsServers.start();
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  Bus emptyBus(BusLimits limits) throws Exception {
    admin(
        connection -> {
          for (String stream : connection.jetStreamManagement().getStreamNames()) {
            connection.jetStreamManagement().deleteStream(stream);
          }
        });
    Bus bus = NatsBus.open(config(limits), InstantSource.system());
    bus.ensureStreams();
    return bus;
  }

  private static NatsConfig config(BusLimits limits) {
    return NatsConfig.of(server.url())
        .withLimits(limits)
        .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(3));
  }

  /** Found by noetl chaos: the keeper took it for a bug and ended, and the bus with it. */
  @Test
  void takesAConnectionThatBreaksWhileStreamsAreSeenToForAnOutage() throws Exception {
    NatsConfig config = config(BusLimits.defaults());
    Connection connection = Nats.connect(server.url());
    NatsSession session = new NatsSession(connection, config, () -> {});
    connection.close();

    assertThatThrownBy(() -> new NatsStreams(config).ensure(session.management()))
        .isInstanceOf(BusUnavailable.class)
        .hasMessageContaining("Expected stream NOETL_EVENTS, but the server did not answer");
  }

  @Test
  void createsAConsumerAgainThatTheServerLost() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    assertThat(consumer.pull(1, Duration.ZERO)).isEmpty();
    Future<List<BusMessage>> waiting = threads.submit(() -> consumer.pull(1, LONG));

    admin(NatsBusIT::deletePoolConsumer);
    publish(bus, command(1), "while-waiting");

    assertThat(ids(waiting.get())).containsExactly("while-waiting");
    admin(NatsBusIT::deletePoolConsumer);
    assertThat(ids(pull(consumer, 1))).containsExactly("while-waiting");
  }

  /** Found by noetl chaos: the pool passed over every new hint until the stream had caught up. */
  @Test
  void makesAConsumerAgainWhosePositionIsAheadOfItsStream() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    for (int i = 0; i < 20; i++) {
      publish(bus, command(i + 1), "before-" + i);
      pull(consumer, 1).getFirst().ack();
    }

    server.stop();
    await(() -> !bus.health().connected());
    server.forgetMessages();
    server.restart();

    publishUntilAccepted(bus, command(1), "after");
    assertThat(ids(pull(consumer, 1))).containsExactly("after");
  }

  @Test
  void ridesOutAKilledServerThatKeepsItsStore() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec().withAckWait(Duration.ofSeconds(1)));
    publish(bus, command(1), "before");
    BusMessage unanswered = pull(consumer, 1).getFirst();
    Future<List<BusMessage>> waiting = threads.submit(() -> consumer.pull(1, LONG));

    server.kill();
    await(() -> !bus.health().connected());
    assertThatThrownBy(() -> publish(bus, command(2), "down"))
        .hasCauseInstanceOf(BusUnavailable.class);
    unanswered.ack();
    server.restart();

    assertThat(ids(waiting.get())).containsExactly("before");
    publishUntilAccepted(bus, command(2), "after");
    assertThat(ids(pull(consumer, 1))).containsExactly("after");
    assertThat(bus.health().connects()).isEqualTo(2);
  }

  @Test
  void aConsumerOfOneShardOfTwoBecomesThatOfAllEvents() throws Exception {
    Bus two = bus();
    publish(two, Subjects.event("acme", 0, 1), "m0");
    try (BusConsumer consumer = two.consumer(ConsumerSpec.ofShard(0, 2))) {
      pull(consumer, 1).forEach(BusMessage::ack);
    }
    two.close();

    Bus one = bus();
    BusConsumer consumer = one.consumer(ConsumerSpec.ofShard(0, 1));
    assertThat(consumer.pull(1, Duration.ZERO)).isEmpty();
    publish(one, Subjects.event("acme", 1, 2), "m1");

    // What another shard left behind is published again from the outbox.
    assertThat(ids(pull(consumer, 1))).containsExactly("m1");
  }

  @Test
  void deliversEverythingAlthoughTheServerIsKilledUnderLoad() throws Exception {
    Bus bus = bus();
    int count = 30_000;
    BusConsumer consumer =
        bus.consumer(ConsumerSpec.ofShard(0, 2).withAckWait(Duration.ofSeconds(1)));
    AtomicInteger received = new AtomicInteger();
    Future<Set<String>> receiver =
        threads.submit(
            () -> {
              Set<String> seen = new HashSet<>();
              while (seen.size() < count) {
                for (BusMessage message : consumer.pull(200, Duration.ofSeconds(30))) {
                  seen.add(id(message));
                  message.ack();
                }
                received.set(seen.size());
              }
              return seen;
            });
    Future<?> publisher =
        threads.submit(
            () -> {
              List<Integer> open = IntStream.range(0, count).boxed().toList();
              while (!open.isEmpty()) {
                open = publishOnce(bus, open);
              }
              return null;
            });

    for (int kill = 1; kill <= 3; kill++) {
      int enough = kill * count / 5;
      await(() -> received.get() >= enough);
      server.kill();
      server.restart();
    }

    publisher.get();
    assertThat(receiver.get()).hasSize(count);
  }

  /** Publishes each once, in order, and returns those that were not acknowledged. */
  private static List<Integer> publishOnce(Bus bus, List<Integer> numbers) throws Exception {
    Map<Integer, CompletableFuture<PubAck>> acks = new LinkedHashMap<>();
    for (int number : numbers) {
      String id = "m" + number;
      acks.put(number, bus.publish(Subjects.event("acme", 0, number), id, body(id)));
    }
    List<Integer> failed = new ArrayList<>();
    for (var ack : acks.entrySet()) {
      try {
        ack.getValue().get();
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(BusUnavailable.class);
        failed.add(ack.getKey());
      }
    }
    return failed;
  }

  @Test
  void startsEmptyAfterTheStoreWasLost() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    publish(bus, command(1), "lost");
    BusMessage old = pull(consumer, 1).getFirst();
    Future<List<BusMessage>> waiting = threads.submit(() -> consumer.pull(1, LONG));

    server.kill();
    server.wipe();
    server.restart();
    publishUntilAccepted(bus, command(2), "new");

    BusMessage message = waiting.get().getFirst();
    assertThat(id(message)).isEqualTo("new");
    assertThat(message.streamSeq()).isEqualTo(old.streamSeq());
    old.ack();
    message.nak(Duration.ZERO);
    assertThat(pull(consumer, 1).getFirst().deliveryCount())
        .as("the answer to the lost message did not count for the new one")
        .isEqualTo(2);
  }

  @Test
  void createsStreamsAgainThatSomebodyDeleted() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    assertThat(consumer.pull(1, Duration.ZERO)).isEmpty();

    admin(
        connection -> {
          connection.jetStreamManagement().deleteStream("NOETL_EVENTS");
          connection.jetStreamManagement().deleteStream("NOETL_COMMANDS");
        });
    assertThatThrownBy(() -> publish(bus, command(1), "one"))
        .hasCauseInstanceOf(BusUnavailable.class);

    publishUntilAccepted(bus, command(1), "one");
    assertThat(ids(pull(consumer, 1))).containsExactly("one");
    publishUntilAccepted(bus, Subjects.event("acme", 0, 1), "event");
  }

  @Test
  void pullFailsWhenTheBusCannotBeReachedInTime() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    server.kill();
    try {
      await(() -> !bus.health().connected());

      assertThatThrownBy(() -> consumer.pull(1, Duration.ofMillis(200)))
          .isInstanceOf(BusUnavailable.class)
          .hasMessageContaining(server.url());
      assertThat(bus.health().lastError()).isNotNull();
    } finally {
      server.restart();
    }
  }

  @Test
  void blocksThePublisherWhileTheWindowIsFull() throws Exception {
    int window = 16;
    Bus bus = bus(BusLimits.embeddedDefaults().withPublishWindow(window));
    AtomicInteger sent = new AtomicInteger();
    List<CompletableFuture<PubAck>> acks = new ArrayList<>();
    server.pause();
    Future<?> publisher =
        threads.submit(
            () -> {
              for (int i = 0; i < window + 1; i++) {
                acks.add(bus.publish(command(i), "m" + i, body("m" + i)));
                sent.incrementAndGet();
              }
              return null;
            });

    try {
      await(() -> sent.get() == window);
      assertThatThrownBy(() -> publisher.get(200, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThat(acks).noneMatch(CompletableFuture::isDone);
    } finally {
      server.resume();
    }

    publisher.get();
    for (int i = 0; i < window + 1; i++) {
      assertThat(acks.get(i).get().seq()).isEqualTo(i + 1L);
    }
  }

  @Test
  void publishEndsWhenTheServerNeverAnswers() throws Exception {
    Bus bus = bus();
    server.pause();
    try {
      assertThatThrownBy(() -> publish(bus, command(1), "one"))
          .hasCauseInstanceOf(BusUnavailable.class)
          .hasMessageContaining("requestTimeout");
    } finally {
      server.resume();
    }
  }

  @Test
  void publishesOnTheirWayFailWithTheConnection() throws Exception {
    Bus bus = bus();
    server.pause();
    CompletableFuture<PubAck> ack = bus.publish(command(1), "one", body("one"));
    server.kill();
    try {
      assertThatThrownBy(() -> ack.get(2, TimeUnit.SECONDS))
          .hasCauseInstanceOf(BusUnavailable.class)
          .hasMessageContaining("connection");
    } finally {
      server.restart();
    }
  }

  @Test
  void opensBeforeItsServerStarts() throws Exception {
    server.stop();
    Bus bus = closedLater(NatsBus.open(config(BusLimits.defaults()), InstantSource.system()));
    BusConsumer consumer = bus.consumer(poolSpec());
    assertThat(bus.health().connected()).isFalse();
    Future<List<BusMessage>> waiting = threads.submit(() -> consumer.pull(1, LONG));

    server.restart();
    bus.ensureStreams();
    publish(bus, command(1), "one");

    assertThat(ids(waiting.get())).contains("one");
  }

  @Test
  void adjustsStreamsToChangedSettingsAndKeepsOthersOfTheOperator() throws Exception {
    bus();
    admin(
        connection ->
            connection
                .jetStreamManagement()
                .updateStream(
                    StreamConfiguration.builder(
                            connection
                                .jetStreamManagement()
                                .getStreamInfo("NOETL_EVENTS")
                                .getConfiguration())
                        .description("of the operator")
                        .maxBytes(1 << 20)
                        .build()));
    BusLimits limits =
        BusLimits.defaults().withEvents(new StreamLimits(Duration.ofHours(2), 2 << 20, 1_000));

    Bus other = closedLater(NatsBus.open(config(limits), InstantSource.system()));
    other.ensureStreams();

    admin(
        connection -> {
          StreamConfiguration found =
              connection.jetStreamManagement().getStreamInfo("NOETL_EVENTS").getConfiguration();
          assertThat(found.getMaxBytes()).isEqualTo(2 << 20);
          assertThat(found.getMaxAge()).isEqualTo(Duration.ofHours(2));
          assertThat(found.getDescription()).isEqualTo("of the operator");
        });
  }

  @Test
  void refusesAStreamThatCannotBecomeWhatItMustBe() throws Exception {
    Bus bus = bus();
    admin(
        connection -> {
          connection.jetStreamManagement().deleteStream("NOETL_COMMANDS");
          connection
              .jetStreamManagement()
              .addStream(
                  StreamConfiguration.builder()
                      .name("NOETL_COMMANDS")
                      .subjects("noetl.commands.>")
                      .retentionPolicy(RetentionPolicy.Limits)
                      .build());
        });

    assertThatThrownBy(bus::ensureStreams)
        .isInstanceOf(BusMisconfigured.class)
        .hasMessageContaining("NOETL_COMMANDS");
  }

  @Test
  void refusesAServerThatIsTooOld() throws Exception {
    try (OldServer old = new OldServer("2.9.10")) {
      Bus bus = closedLater(NatsBus.open(NatsConfig.of(old.url()), InstantSource.system()));

      assertThatThrownBy(bus::ensureStreams)
          .isInstanceOf(BusMisconfigured.class)
          .hasMessage(
              "Expected nats-server 2.10.27 or newer, but it is 2.9.10:"
                  + " older ones drop settings in silence");
      assertThat(bus.health().connected()).isFalse();
    }
  }

  private static void deletePoolConsumer(Connection connection) throws Exception {
    assertThat(
            connection.jetStreamManagement().deleteConsumer("NOETL_COMMANDS", poolSpec().durable()))
        .isTrue();
  }

  private static void publishUntilAccepted(Bus bus, String subject, String id) throws Exception {
    await(
        () -> {
          try {
            return publish(bus, subject, id).seq() > 0;
          } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(BusUnavailable.class);
            return false;
          }
        });
  }

  private interface Administration {
    void on(Connection connection) throws Exception;
  }

  private static void admin(Administration task) throws Exception {
    Connection connection = Nats.connect(server.url());
    try {
      task.on(connection);
    } finally {
      connection.close();
    }
  }
}
