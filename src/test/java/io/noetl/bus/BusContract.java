package io.noetl.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every bus must do. */
@Timeout(60)
abstract class BusContract {

  static final Duration LONG = Duration.ofSeconds(10);
  static final Duration ACK_WAIT = Duration.ofMillis(300);
  static final String POOL = "shared";

  private final List<Bus> opened = new ArrayList<>();
  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** A bus with its two streams, both empty. */
  abstract Bus emptyBus(BusLimits limits) throws Exception;

  final Bus bus() throws Exception {
    return bus(BusLimits.embeddedDefaults());
  }

  final Bus bus(BusLimits limits) throws Exception {
    return closedLater(emptyBus(limits));
  }

  final Bus closedLater(Bus bus) {
    opened.add(bus);
    return bus;
  }

  @AfterEach
  void closeWhatWasOpened() {
    opened.reversed().forEach(Bus::close);
    threads.shutdownNow();
  }

  @Test
  void deliversInTheOrderOfPublishing() throws Exception {
    Bus bus = bus();
    for (int i = 0; i < 500; i++) {
      publish(bus, command(i), "m" + i);
    }

    List<BusMessage> got = pull(bus.consumer(poolSpec()), 500);

    assertThat(ids(got)).isEqualTo(IntStream.range(0, 500).mapToObj(i -> "m" + i).toList());
    assertThat(got).extracting(BusMessage::streamSeq).isSorted().first().isEqualTo(1L);
    assertThat(got).allMatch(message -> message.deliveryCount() == 1);
    assertThat(got.get(7).subject()).isEqualTo("noetl.commands.shared.7");
  }

  @Test
  void workQueueForgetsWhatWasAcknowledged() throws Exception {
    Bus bus = bus();
    publish(bus, command(1), "one");
    BusConsumer consumer = bus.consumer(poolSpec().withAckWait(ACK_WAIT));

    pull(consumer, 1).getFirst().ack();

    assertThat(consumer.pull(10, ACK_WAIT.multipliedBy(3))).isEmpty();
  }

  @Test
  void returnsAsSoonAsOneMessageIsThere() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    assertThat(consumer.pull(10, Duration.ZERO)).isEmpty();
    long start = System.nanoTime();
    Future<List<BusMessage>> waiting = threads.submit(() -> consumer.pull(10, LONG));

    publish(bus, command(1), "one");

    assertThat(ids(waiting.get(5, TimeUnit.SECONDS))).containsExactly("one");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG.dividedBy(2));
  }

  @Test
  void returnsNothingWhenNothingCame() throws Exception {
    BusConsumer consumer = bus().consumer(poolSpec());
    long start = System.nanoTime();

    assertThat(consumer.pull(10, Duration.ofMillis(150))).isEmpty();

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(150), Duration.ofSeconds(3));
  }

  @Test
  void takesNoMoreThanAskedFor() throws Exception {
    Bus bus = bus();
    for (int i = 0; i < 25; i++) {
      publish(bus, command(i), "m" + i);
    }
    BusConsumer first = bus.consumer(poolSpec());
    BusConsumer second = bus.consumer(poolSpec());

    assertThat(pull(first, 10)).hasSize(10);
    assertThat(pull(second, 15)).hasSize(15);
  }

  @Test
  void asksAnewWhenItNeedNotWait() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    publish(bus, command(1), "one");
    assertThat(ids(consumer.pull(10, LONG))).containsExactly("one");

    publish(bus, command(2), "two");

    await(() -> ids(consumer.pull(10, Duration.ZERO)).equals(List.of("two")));
  }

  @Test
  void boundsTheBytesOfOnePull() throws Exception {
    Bus bus = bus();
    int size = 900_000;
    int count = 40;
    for (int i = 0; i < count; i++) {
      assertThat(bus.publish(command(i), "m" + i, new byte[size]).get().duplicate()).isFalse();
    }
    BusConsumer consumer = bus.consumer(poolSpec());
    int got = 0;

    while (got < count) {
      List<BusMessage> pulled = consumer.pull(count, LONG);
      assertThat(pulled).hasSizeBetween(1, 1 + BusLimits.defaults().maxPullBytes() / size);
      assertThat(pulled).allMatch(message -> message.deliveryCount() == 1);
      got += pulled.size();
      pulled.forEach(BusMessage::ack);
    }

    assertThat(got).isEqualTo(count);
  }

  @Test
  void swallowsTheSameMessageIdWithinTheWindow() throws Exception {
    Bus bus = bus();

    PubAck first = publish(bus, command(1), "one");
    PubAck again = publish(bus, command(1), "one");

    assertThat(first).isEqualTo(new PubAck(BusStream.COMMANDS, 1, false));
    assertThat(again).isEqualTo(new PubAck(BusStream.COMMANDS, 1, true));
    BusConsumer consumer = bus.consumer(poolSpec());
    assertThat(pull(consumer, 1)).hasSize(1);
    assertThat(consumer.pull(1, Duration.ofMillis(100))).isEmpty();
  }

  @Test
  void takesTheSameMessageIdAgainAfterTheWindow() throws Exception {
    Bus bus = bus(BusLimits.embeddedDefaults().withDuplicateWindow(Duration.ofMillis(100)));
    assertThat(publish(bus, command(1), "one").duplicate()).isFalse();

    await(() -> !publish(bus, command(1), "one").duplicate());
  }

  @Test
  void redeliversWhatWasNotAnswered() throws Exception {
    Bus bus = bus();
    publish(bus, command(1), "one");
    BusConsumer consumer = bus.consumer(poolSpec().withAckWait(ACK_WAIT));
    assertThat(pull(consumer, 1)).hasSize(1);

    BusMessage again = pull(consumer, 1).getFirst();

    assertThat(id(again)).isEqualTo("one");
    assertThat(again.deliveryCount()).isEqualTo(2);
    assertThat(again.streamSeq()).isEqualTo(1);
  }

  @Test
  void redeliversToAnotherPullerThatWaits() throws Exception {
    Bus bus = bus();
    BusConsumer dying = bus.consumer(poolSpec().withAckWait(ACK_WAIT));
    BusConsumer surviving = bus.consumer(poolSpec().withAckWait(ACK_WAIT));
    publish(bus, command(1), "one");
    assertThat(pull(dying, 1)).hasSize(1);
    Future<List<BusMessage>> waiting = threads.submit(() -> surviving.pull(1, LONG));

    dying.close();

    assertThat(waiting.get().getFirst().deliveryCount()).isEqualTo(2);
  }

  @Test
  void redeliversAfterANakNotBeforeItsDelay() throws Exception {
    Bus bus = bus();
    publish(bus, command(1), "one");
    BusConsumer consumer = bus.consumer(poolSpec());
    BusMessage message = pull(consumer, 1).getFirst();
    long start = System.nanoTime();

    message.nak(Duration.ofMillis(250));

    assertThat(pull(consumer, 1).getFirst().deliveryCount()).isEqualTo(2);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(245), LONG.dividedBy(2));
  }

  @Test
  void redeliversAtOnceAfterANakWithoutDelay() throws Exception {
    Bus bus = bus();
    publish(bus, command(1), "one");
    BusConsumer consumer = bus.consumer(poolSpec());

    pull(consumer, 1).getFirst().nak(Duration.ZERO);

    assertThat(pull(consumer, 1).getFirst().deliveryCount()).isEqualTo(2);
  }

  @Test
  void neverRedeliversWhatWasTerminated() throws Exception {
    Bus bus = bus();
    publish(bus, command(1), "one");
    BusConsumer consumer = bus.consumer(poolSpec().withAckWait(ACK_WAIT));

    pull(consumer, 1).getFirst().term();

    assertThat(consumer.pull(1, ACK_WAIT.multipliedBy(3))).isEmpty();
  }

  @Test
  void givesUpAfterTheLastDelivery() throws Exception {
    Bus bus = bus();
    publish(bus, command(1), "poison");
    BusConsumer consumer = bus.consumer(poolSpec().withAckWait(ACK_WAIT).withMaxDeliver(3));
    for (int delivery = 1; delivery <= 3; delivery++) {
      BusMessage message = pull(consumer, 1).getFirst();
      assertThat(message.deliveryCount()).isEqualTo(delivery);
      if (delivery < 3) {
        message.nak(Duration.ZERO);
      }
    }

    publish(bus, command(2), "next");

    BusMessage next = pull(consumer, 1).getFirst();
    assertThat(id(next)).isEqualTo("next");
    next.ack();
    assertThat(consumer.pull(10, ACK_WAIT.multipliedBy(3))).isEmpty();
  }

  @Test
  void waitsLongerForWhatIsInProgress() throws Exception {
    Bus bus = bus();
    publish(bus, command(1), "one");
    Duration ackWait = Duration.ofMillis(800);
    BusConsumer consumer = bus.consumer(poolSpec().withAckWait(ackWait));
    BusMessage message = pull(consumer, 1).getFirst();

    for (int i = 0; i < 4; i++) {
      assertThat(consumer.pull(1, ackWait.dividedBy(2))).isEmpty();
      message.inProgress();
    }

    assertThat(pull(consumer, 1).getFirst().deliveryCount()).isEqualTo(2);
  }

  @Test
  void holdsBackWhenTooManyAreUnanswered() throws Exception {
    Bus bus = bus();
    for (int i = 0; i < 5; i++) {
      publish(bus, command(i), "m" + i);
    }
    BusConsumer consumer = bus.consumer(poolSpec().withMaxAckPending(2));
    List<BusMessage> got = pull(consumer, 2);
    assertThat(consumer.pull(5, Duration.ofMillis(150))).isEmpty();
    Future<List<BusMessage>> waiting = threads.submit(() -> consumer.pull(5, LONG));

    got.getFirst().ack();

    assertThat(ids(waiting.get())).containsExactly("m2");
  }

  @Test
  void twoPullersShareAWorkQueueWithoutOverlap() throws Exception {
    Bus bus = bus();
    int count = 2_000;
    Set<String> seen = ConcurrentHashMap.newKeySet();
    List<Future<Integer>> pullers = new ArrayList<>();
    for (int p = 0; p < 2; p++) {
      BusConsumer consumer = bus.consumer(poolSpec());
      pullers.add(
          threads.submit(
              () -> {
                int mine = 0;
                while (seen.size() < count) {
                  for (BusMessage message : consumer.pull(7, Duration.ofMillis(50))) {
                    assertThat(seen.add(id(message))).isTrue();
                    message.ack();
                    mine++;
                  }
                }
                return mine;
              }));
    }

    for (int i = 0; i < count; i++) {
      publish(bus, command(i), "m" + i);
    }

    assertThat(pullers.get(0).get() + pullers.get(1).get()).isEqualTo(count);
    assertThat(pullers).allSatisfy(puller -> assertThat(puller.get()).isPositive());
  }

  @Test
  void everyDurableConsumerSeesAllEventsItsFilterTakes() throws Exception {
    Bus bus = bus();
    BusConsumer early = bus.consumer(ConsumerSpec.ofShard(1, 2));
    publish(bus, Subjects.event("acme", 1, 11), "a");
    publish(bus, Subjects.event("acme", 2, 22), "b");
    publish(bus, Subjects.event("other", 1, 33), "c");

    BusConsumer late =
        bus.consumer(
            new ConsumerSpec(
                BusStream.EVENTS, "audit", List.of(BusStream.EVENTS.allSubjects()), LONG, 5, 1000));

    assertThat(ids(pull(early, 2))).containsExactly("a", "c");
    assertThat(ids(pull(late, 3))).containsExactly("a", "b", "c");
  }

  @Test
  void deliversCommandsThatNobodyWaitedFor() throws Exception {
    Bus bus = bus();
    publish(bus, Subjects.command("later", 1), "one");
    assertThat(bus.consumer(poolSpec()).pull(1, Duration.ofMillis(50))).isEmpty();

    assertThat(ids(pull(bus.consumer(ConsumerSpec.ofPool("later")), 1))).containsExactly("one");
  }

  @Test
  void positionOutlivesThePuller() throws Exception {
    Bus bus = bus();
    publish(bus, command(1), "one");
    publish(bus, command(2), "two");
    BusConsumer first = bus.consumer(poolSpec());
    BusMessage message = pull(first, 1).getFirst();
    first.close();
    message.ack();

    assertThat(ids(pull(bus.consumer(poolSpec()), 1))).containsExactly("two");
  }

  @Test
  void fullCommandQueueRefusesUntilThereIsRoom() throws Exception {
    Bus bus =
        bus(
            BusLimits.embeddedDefaults()
                .withCommands(new StreamLimits(Duration.ofHours(1), 1 << 20, 3)));
    for (int i = 0; i < 3; i++) {
      publish(bus, command(i), "m" + i);
    }

    assertThatThrownBy(() -> publish(bus, command(3), "m3"))
        .hasCauseInstanceOf(BusFull.class)
        .hasMessageContaining("noetl.commands.shared.3");

    pull(bus.consumer(poolSpec()), 3).getFirst().ack();
    await(
        () -> {
          try {
            return !publish(bus, command(3), "m3").duplicate();
          } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(BusFull.class);
            return false;
          }
        });
  }

  @Test
  void fullEventStreamDropsItsOldest() throws Exception {
    Bus bus =
        bus(
            BusLimits.embeddedDefaults()
                .withEvents(new StreamLimits(Duration.ofHours(1), 1 << 20, 3)));
    for (int i = 0; i < 5; i++) {
      publish(bus, Subjects.event("acme", 0, i), "m" + i);
    }

    assertThat(ids(pull(bus.consumer(ConsumerSpec.ofShard(0, 2)), 3)))
        .containsExactly("m2", "m3", "m4");
  }

  @Test
  void theOnlyShardTakesWhatWasMeantForOthers() throws Exception {
    Bus bus = bus(BusLimits.embeddedDefaults());
    publish(bus, Subjects.event("acme", 0, 1), "m0");
    publish(bus, Subjects.event("other", 3, 2), "m1");

    assertThat(ids(pull(bus.consumer(ConsumerSpec.ofShard(0, 1)), 2))).containsExactly("m0", "m1");
  }

  @Test
  void streamForgetsWhatIsTooOld() throws Exception {
    Bus bus =
        bus(
            BusLimits.embeddedDefaults()
                .withDuplicateWindow(Duration.ofMillis(500))
                .withEvents(new StreamLimits(Duration.ofSeconds(1), 1 << 20, 10)));
    publish(bus, Subjects.event("acme", 0, 1), "old");
    ConsumerSpec spec = ConsumerSpec.ofShard(0, 2).withAckWait(Duration.ofMillis(50));
    BusConsumer consumer = bus.consumer(spec.withMaxDeliver(1_000));
    assertThat(ids(pull(consumer, 1))).containsExactly("old");

    await(() -> consumer.pull(1, Duration.ofMillis(400)).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "noetl.commands.shared",
        "noetl.commands.shared.1.2",
        "noetl.commands.sha red.1",
        "noetl.commands..1",
        "noetl.commands.*.1",
        "noetl.commands.>",
        "noetl.commands.pöol.1",
        "noetl.events.acme.0",
        "noetl.logs.acme.0.1",
        ""
      })
  void refusesMalformedSubjects(String subject) throws Exception {
    Bus bus = bus();

    assertThatThrownBy(() -> bus.publish(subject, "id", new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + subject + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "with space", "line\nbreak", "Ünicode"})
  void refusesMalformedMessageIds(String id) throws Exception {
    Bus bus = bus();

    assertThatThrownBy(() -> bus.publish(command(1), id, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesOneBodyThatIsTooLargeAndGoesOn() throws Exception {
    Bus bus = bus();
    int limit = BusLimits.defaults().maxMessageBytes();

    assertThat(bus.publish(command(1), "fits", new byte[limit]).get().seq()).isEqualTo(1);
    assertThatThrownBy(() -> bus.publish(command(1), "large", new byte[limit + 1]).get())
        .hasCauseInstanceOf(BusRefused.class)
        .hasMessageContaining("maxMessageBytes=" + limit);
    assertThat(publish(bus, command(1), "next").seq()).isEqualTo(2);
  }

  @Test
  void refusesConsumersOfAWorkQueueThatOverlap() throws Exception {
    Bus bus = bus();
    assertThat(bus.consumer(poolSpec()).pull(1, Duration.ZERO)).isEmpty();
    ConsumerSpec greedy = ConsumerSpec.ofCommands("greedy", List.of("noetl.commands.>"));

    assertThatThrownBy(() -> bus.consumer(greedy).pull(1, LONG))
        .isInstanceOf(BusMisconfigured.class)
        .hasMessageContaining("greedy");
  }

  @Test
  void interruptEndsAPullAndLosesNothing() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    var ended = new CompletableFuture<List<BusMessage>>();
    Future<?> waiting =
        threads.submit(
            () -> {
              try {
                ended.complete(consumer.pull(1, LONG));
              } catch (InterruptedException e) {
                ended.completeExceptionally(e);
              }
            });
    assertThat(consumerIsWaiting(waiting)).isTrue();

    waiting.cancel(true);

    assertThatThrownBy(() -> ended.get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
    publish(bus, command(1), "one");
    assertThat(ids(pull(consumer, 1))).containsExactly("one");
  }

  @Test
  void closingEndsAWaitingPull() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    Future<List<BusMessage>> waiting = threads.submit(() -> consumer.pull(1, LONG));
    assertThat(consumerIsWaiting(waiting)).isTrue();

    consumer.close();
    consumer.close();

    assertThat(waiting.get(5, TimeUnit.SECONDS)).isEmpty();
    assertThatThrownBy(() -> consumer.pull(1, LONG)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void closingTheBusEndsAWaitingPullAndRefusesTheRest() throws Exception {
    Bus bus = bus();
    BusConsumer consumer = bus.consumer(poolSpec());
    Future<List<BusMessage>> waiting = threads.submit(() -> consumer.pull(1, LONG));
    assertThat(consumerIsWaiting(waiting)).isTrue();

    bus.close();
    bus.close();

    assertThat(waiting.get(5, TimeUnit.SECONDS)).isEmpty();
    assertThat(bus.health().connected()).isFalse();
    assertThatThrownBy(() -> publish(bus, command(1), "one"))
        .hasCauseInstanceOf(BusUnavailable.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> bus.consumer(poolSpec())).isInstanceOf(BusUnavailable.class);
    assertThatThrownBy(bus::ensureStreams).isInstanceOf(BusUnavailable.class);
  }

  @Test
  void ensuringStreamsAgainKeepsTheirMessages() throws Exception {
    Bus bus = bus();
    publish(bus, command(1), "one");

    bus.ensureStreams();

    assertThat(ids(pull(bus.consumer(poolSpec()), 1))).containsExactly("one");
    assertThat(bus.health().connected()).isTrue();
  }

  @Test
  void keepsTheOrderOfManyMessagesInFlight() throws Exception {
    Bus bus = bus();
    int count = 20_000;
    List<CompletableFuture<PubAck>> acks = new ArrayList<>();
    BusConsumer consumer = bus.consumer(ConsumerSpec.ofShard(0, 2));
    Future<List<String>> received =
        threads.submit(
            () -> {
              List<String> ids = new ArrayList<>();
              while (ids.size() < count) {
                for (BusMessage message : consumer.pull(500, LONG)) {
                  ids.add(id(message));
                  message.ack();
                }
              }
              return ids;
            });

    for (int i = 0; i < count; i++) {
      acks.add(bus.publish(Subjects.event("acme", 0, i % 100), "m" + i, body("m" + i)));
    }

    for (int i = 0; i < count; i++) {
      assertThat(acks.get(i).get().seq()).isEqualTo(i + 1L);
    }
    assertThat(received.get()).isEqualTo(IntStream.range(0, count).mapToObj(i -> "m" + i).toList());
  }

  /** Whether the pull still waits after a time in which one that does not would have ended. */
  private static boolean consumerIsWaiting(Future<?> pull) throws Exception {
    try {
      pull.get(200, TimeUnit.MILLISECONDS);
      return false;
    } catch (java.util.concurrent.TimeoutException e) {
      return true;
    }
  }

  static ConsumerSpec poolSpec() {
    return ConsumerSpec.ofPool(POOL);
  }

  static String command(long execution) {
    return Subjects.command(POOL, execution);
  }

  /** The body repeats the id, so that a test sees which message it got. */
  static PubAck publish(Bus bus, String subject, String id) throws Exception {
    return bus.publish(subject, id, body(id)).get(20, TimeUnit.SECONDS);
  }

  static byte[] body(String id) {
    return id.getBytes(StandardCharsets.UTF_8);
  }

  static String id(BusMessage message) {
    return new String(message.body(), StandardCharsets.UTF_8);
  }

  static List<String> ids(List<BusMessage> messages) {
    return messages.stream().map(BusContract::id).toList();
  }

  /** Exactly {@code count} messages, in as many pulls as it takes. */
  static List<BusMessage> pull(BusConsumer consumer, int count) throws Exception {
    List<BusMessage> got = new ArrayList<>();
    while (got.size() < count) {
      List<BusMessage> more = consumer.pull(count - got.size(), LONG);
      assertThat(more).as("after %d of %d messages", got.size(), count).isNotEmpty();
      got.addAll(more);
    }
    return got;
  }

  /** Asks until the answer is yes, 20 s at most. */
  static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("waited in vain").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
