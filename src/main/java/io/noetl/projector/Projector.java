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
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves the events of one shard into the log. */
public final class Projector implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Projector.class);
  private static final Duration PULL_WAIT = Duration.ofSeconds(1);

  private final int shard;
  private final EventMover mover;
  private final ProjectorLimits limits;
  private final ProjectorMetrics metrics;
  private final Progress.Loop progress;
  private final InstantSource clock;
  private final ConsumerLoop loop;

  public Projector(
      int shard,
      Bus bus,
      DataSource database,
      ProjectorLimits limits,
      ProjectorMetrics metrics,
      Progress.Loop progress,
      InstantSource clock) {
    this.shard = shard;
    this.mover = new EventMover(database);
    this.limits = limits;
    this.metrics = metrics;
    this.progress = progress;
    this.clock = clock;
    this.loop =
        new ConsumerLoop(
            "projector-" + shard,
            bus,
            ConsumerSpec.ofShard(shard),
            this::project,
            progress,
            PULL_WAIT.plusSeconds(4));
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
    // A bus with a backlog gives what fits into one answer: then there is nothing to wait for.
    if (messages.size() < limits.batch() / 4 && !limits.linger().isZero()) {
      Thread.sleep(limits.linger());
      messages.addAll(consumer.pull(limits.batch() - messages.size(), Duration.ZERO));
    }
    Map<Long, Integer> upTo = new HashMap<>();
    Set<Notice> heard = new HashSet<>();
    List<BusMessage> good = new ArrayList<>(messages.size());
    Notice oldest = null;
    for (BusMessage message : messages) {
      Notice notice = read(message);
      if (notice == null) {
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
    if (!upTo.isEmpty()) {
      long begun = System.nanoTime();
      int rows = move(upTo);
      if (rows < 0) {
        messages.forEach(message -> message.nak(Duration.ZERO));
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
          log.warn("projector shard {} waits for the database: {}", shard, e.getMessage());
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

  private void bury(BusMessage message, String reason) {
    try {
      mover.bury(message.subject(), new String(message.body(), StandardCharsets.UTF_8), reason);
    } catch (SQLException e) {
      // The log line above is what is left of it; its event is in the outbox whatever it said.
      log.warn("a dead message could not be kept: {}", e.getMessage());
    }
  }

  private @Nullable Notice read(BusMessage message) {
    try {
      return Notice.of(message.body());
    } catch (IllegalArgumentException e) {
      metrics.poisoned();
      log.error("message on {} cannot be read and is ended: {}", message.subject(), e.getMessage());
      bury(message, String.valueOf(e.getMessage()));
      message.term();
      return null;
    }
  }
}
