package io.noetl.projector;

import io.noetl.bus.Bus;
import io.noetl.bus.BusConsumer;
import io.noetl.bus.BusMessage;
import io.noetl.bus.ConsumerSpec;
import io.noetl.consume.ConsumerLoop;
import io.noetl.support.Backoff;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves the events of one shard into the log. */
public final class Projector implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Projector.class);
  private static final Duration PULL_WAIT = Duration.ofSeconds(1);
  private static final long FIRST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final String name;
  private final EventMover mover;
  private final ProjectorLimits limits;
  private final ProjectorMetrics metrics;
  private final Progress.Loop progress;
  private final InstantSource clock;
  private final ConsumerLoop loop;

  /**
   * @param shard what of the stream it moves
   */
  public Projector(
      ConsumerSpec shard,
      Bus bus,
      DataSource database,
      ProjectorLimits limits,
      ProjectorMetrics metrics,
      Progress.Loop progress,
      InstantSource clock) {
    this.name = shard.durable();
    this.mover = new EventMover(database);
    this.limits = limits;
    this.metrics = metrics;
    this.progress = progress;
    this.clock = clock;
    this.loop =
        new ConsumerLoop(name, bus, shard, this::project, progress, PULL_WAIT.plusSeconds(4));
  }

  @Override
  public void start() {
    loop.start();
  }

  @Override
  public void close() {
    loop.close();
  }

  private void project(BusConsumer consumer) throws InterruptedException {
    List<BusMessage> messages = new ArrayList<>(consumer.pull(limits.batch(), PULL_WAIT));
    if (messages.isEmpty()) {
      metrics.idle();
      progress.moved();
      return;
    }
    gather(consumer, messages);
    Map<Long, Integer> upTo = new HashMap<>();
    Set<Notice> heard = new HashSet<>();
    List<BusMessage> good = new ArrayList<>(messages.size());
    List<BusMessage> bad = new ArrayList<>();
    List<EventMover.Dead> dead = new ArrayList<>();
    Notice oldest = null;
    for (BusMessage message : messages) {
      Notice notice = read(message, dead);
      if (notice == null) {
        bad.add(message);
        continue;
      }
      good.add(message);
      heard.add(notice);
      upTo.merge(notice.executionId(), notice.seq(), Math::max);
      if (oldest == null) {
        // Messages come in about the order of their events.
        oldest = notice;
      }
    }
    bury(bad, dead);
    if (!upTo.isEmpty()) {
      long begun = System.nanoTime();
      int rows = move(upTo);
      if (rows < 0) {
        good.forEach(message -> message.nak(Duration.ZERO));
        return;
      }
      metrics.moved(
          good.size(),
          rows,
          Math.max(0, rows - heard.size()),
          System.nanoTime() - begun,
          oldest == null ? 0 : age(oldest));
      // Only what is in the log is acknowledged.
      good.forEach(BusMessage::ack);
    }
    progress.moved();
  }

  /**
   * Waits for more when a batch is small. A remote bus hands out what has arrived at this moment,
   * so a first answer is small even when many wait: the first looks are close to each other, and
   * only a bus with nothing more costs the whole wait.
   */
  private void gather(BusConsumer consumer, List<BusMessage> messages) throws InterruptedException {
    long left = limits.linger().toNanos();
    long pause = FIRST_LOOK_NANOS;
    while (messages.size() < limits.batch() / 4 && left > 0) {
      pause = Math.min(pause, left);
      TimeUnit.NANOSECONDS.sleep(pause);
      left -= pause;
      pause *= 2;
      messages.addAll(consumer.pull(limits.batch() - messages.size(), Duration.ZERO));
    }
  }

  /**
   * Moves the rows, however long the database takes to come back. Given back to the bus instead,
   * the messages would come again only after their wait, and each time count as one delivery.
   *
   * @return rows moved, or -1 when the projector closes first
   */
  private int move(Map<Long, Integer> upTo) throws InterruptedException {
    Backoff backoff = Backoff.reconnecting();
    while (!loop.closing()) {
      try {
        return mover.move(upTo);
      } catch (SQLException e) {
        progress.stuck(String.valueOf(e.getMessage()));
        if (backoff.attempts() == 0) {
          log.warn("{} waits for the database: {}", name, e.getMessage());
        }
        Thread.sleep(backoff.next());
      }
    }
    return -1;
  }

  /** Seconds since the event was decided; 0 when the message does not say it in words we know. */
  private double age(Notice notice) {
    try {
      Instant at = Instant.parse(notice.createdAt());
      return Math.max(0, Duration.between(at, clock.instant()).toNanos() / 1e9);
    } catch (DateTimeException e) {
      return 0;
    }
  }

  /** Puts messages that can never be handled out of the way of the others. */
  private void bury(List<BusMessage> messages, List<EventMover.Dead> dead) {
    if (dead.isEmpty()) {
      return;
    }
    EventMover.Dead first = dead.getFirst();
    log.error(
        "{} messages cannot be read and are ended; the first, on {}: {}",
        dead.size(),
        first.subject(),
        first.reason());
    try {
      mover.bury(dead);
    } catch (SQLException e) {
      // The log line above is what is left of them; their events are in the outbox whatever they
      // said.
      log.warn("{} dead messages could not be kept: {}", dead.size(), e.getMessage());
    }
    messages.forEach(BusMessage::term);
  }

  private @Nullable Notice read(BusMessage message, List<EventMover.Dead> dead) {
    try {
      return Notice.of(message.body());
    } catch (IllegalArgumentException e) {
      metrics.poisoned();
      dead.add(
          new EventMover.Dead(
              message.subject(),
              new String(message.body(), StandardCharsets.UTF_8),
              String.valueOf(e.getMessage())));
      return null;
    }
  }
}
