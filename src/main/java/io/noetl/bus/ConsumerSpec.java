package io.noetl.bus;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A durable consumer. All processes that use one durable name must use one specification.
 *
 * @param stream what it reads
 * @param durable its name, a token; position and deliveries belong to the name
 * @param filters which subjects; 1 to 1024 filters that do not overlap. On the command queue no two
 *     consumers may overlap
 * @param ackWait after which an unanswered delivery is repeated; 10 ms or more
 * @param maxDeliver how often one message is delivered before the bus gives up on it; 1 or more
 * @param maxAckPending how many deliveries may be unanswered over all pullers; 1 or more
 */
public record ConsumerSpec(
    BusStream stream,
    String durable,
    List<String> filters,
    Duration ackWait,
    int maxDeliver,
    int maxAckPending) {

  private static final int MAX_FILTERS = 1024;
  private static final Duration MIN_ACK_WAIT = Duration.ofMillis(10);

  /** After which an unanswered delivery is repeated unless specified. */
  public static final Duration DEFAULT_ACK_WAIT = Duration.ofSeconds(30);

  /** After which an unanswered delivery to a projector is repeated. */
  public static final Duration SHARD_ACK_WAIT = Duration.ofSeconds(5);

  /** How often a message is delivered unless specified. */
  public static final int DEFAULT_MAX_DELIVER = 20;

  /** How many deliveries may be unanswered unless specified. */
  public static final int DEFAULT_MAX_ACK_PENDING = 20_000;

  public ConsumerSpec {
    Objects.requireNonNull(stream, "stream");
    Subjects.token("durable", durable);
    filters = List.copyOf(filters);
    if (filters.isEmpty() || filters.size() > MAX_FILTERS) {
      throw new IllegalArgumentException(
          "Expected 1 to %d filters, but there are %d (consumer=%s)"
              .formatted(MAX_FILTERS, filters.size(), durable));
    }
    for (int i = 0; i < filters.size(); i++) {
      Subjects.requireFilter(stream, filters.get(i));
      for (int k = 0; k < i; k++) {
        if (Subjects.overlaps(filters.get(i), filters.get(k))) {
          throw new IllegalArgumentException(
              "Expected filters that do not overlap, but '%s' and '%s' do (consumer=%s)"
                  .formatted(filters.get(k), filters.get(i), durable));
        }
      }
    }
    if (ackWait.compareTo(MIN_ACK_WAIT) < 0) {
      throw new IllegalArgumentException(
          "Expected ackWait of %s or more, but it is %s (consumer=%s)"
              .formatted(MIN_ACK_WAIT, ackWait, durable));
    }
    requirePositive("maxDeliver", maxDeliver, durable);
    requirePositive("maxAckPending", maxAckPending, durable);
  }

  /** The consumer all workers of a pool share: {@code pool-<pool>}. */
  public static ConsumerSpec ofPool(String pool) {
    return ofCommands(
        "pool-" + Subjects.token("pool", pool), List.of(Subjects.commandsOfPool(pool)));
  }

  /** A consumer of commands with a durable name and filters of the caller's choice. */
  public static ConsumerSpec ofCommands(String durable, List<String> filters) {
    return withDefaults(BusStream.COMMANDS, durable, filters);
  }

  /**
   * The consumer of one projector shard: {@code projector-<shard>}. Handling a batch is one
   * statement, so a projector that has not answered after {@link #SHARD_ACK_WAIT} is gone.
   *
   * <p>The only shard takes the whole stream: NATS looks up the subject of each message for any
   * narrower filter, which among many executions is fifteen times slower.
   *
   * @param shardCount of all projectors, 1 or more
   */
  public static ConsumerSpec ofShard(int shard, int shardCount) {
    String filter =
        shardCount == 1 ? BusStream.EVENTS.allSubjects() : Subjects.eventsOfShard(shard);
    return withDefaults(BusStream.EVENTS, "projector-" + shard, List.of(filter))
        .withAckWait(SHARD_ACK_WAIT);
  }

  private static ConsumerSpec withDefaults(BusStream stream, String durable, List<String> filters) {
    return new ConsumerSpec(
        stream, durable, filters, DEFAULT_ACK_WAIT, DEFAULT_MAX_DELIVER, DEFAULT_MAX_ACK_PENDING);
  }

  public ConsumerSpec withAckWait(Duration value) {
    return new ConsumerSpec(stream, durable, filters, value, maxDeliver, maxAckPending);
  }

  public ConsumerSpec withMaxDeliver(int value) {
    return new ConsumerSpec(stream, durable, filters, ackWait, value, maxAckPending);
  }

  public ConsumerSpec withMaxAckPending(int value) {
    return new ConsumerSpec(stream, durable, filters, ackWait, maxDeliver, value);
  }

  private static void requirePositive(String name, int value, String durable) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "Expected %s of 1 or more, but it is %d (consumer=%s)".formatted(name, value, durable));
    }
  }
}
