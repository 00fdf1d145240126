package io.noetl.publisher;

import io.noetl.bus.Bus;
import io.noetl.bus.BusException;
import io.noetl.bus.BusFull;
import io.noetl.bus.BusRefused;
import io.noetl.bus.PubAck;
import io.noetl.publisher.OutboxReader.OutboxRow;
import io.noetl.publisher.OutboxReader.Position;
import io.noetl.query.Outbox;
import io.noetl.support.Backoff;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes the outbox; one is active, others stand by. */
public final class Publisher implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Publisher.class);

  private static final Duration STANDBY_LOOK = Duration.ofSeconds(1);
  private static final Duration OLD_ROWS_LOOK = Duration.ofSeconds(5);

  private final ConnectionSource connections;
  private final Bus bus;
  private final NotificationSource notifications;
  private final PublisherLimits limits;
  private final Messages messages;
  private final PublisherMetrics metrics;
  private final Progress.Loop progress;
  private final InstantSource clock;
  private final Semaphore wake = new Semaphore(0);
  private volatile boolean active;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean closing;
  private volatile @Nullable Thread thread;

  public Publisher(
      ConnectionSource connections,
      Bus bus,
      NotificationSource notifications,
      PublisherLimits limits,
      PublisherMetrics metrics,
      Progress.Loop progress,
      InstantSource clock) {
    this.connections = connections;
    this.bus = bus;
    this.notifications = notifications;
    this.limits = limits;
    this.messages = new Messages(limits.shards());
    this.metrics = metrics;
    this.progress = progress;
    this.clock = clock;
  }

  @Override
  public void start() {
    notifications.start(wake::release);
    thread = Thread.ofPlatform().daemon().name("publisher").start(this::run);
  }

  @Override
  public void close() {
    closing = true;
    wake.release();
    closed.countDown();
    Thread running = thread;
    if (running != null) {
      try {
        running.join(Duration.ofSeconds(5));
        if (running.isAlive()) {
          running.interrupt();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    notifications.close();
  }

  /**
   * For a server in the same process that has committed something: wakes the publisher without a
   * detour through the database. Returns at once; safe for many threads.
   *
   * @return false when this publisher is not the active one, so that another must be told
   */
  public boolean wakeWhenActive() {
    if (!active) {
      return false;
    }
    wake.release();
    return true;
  }

  /** Whether this one publishes; else it stands by. */
  public boolean active() {
    return active;
  }

  private void run() {
    Backoff backoff = Backoff.reconnecting();
    while (!closing) {
      try (Connection connection = connections.open()) {
        bus.ensureStreams();
        if (acquire(connection)) {
          log.info("publisher is active");
          metrics.active(true);
          active = true;
          backoff.reset();
          publish(connection);
        } else {
          progress.moved();
          pause(STANDBY_LOOK);
        }
      } catch (InterruptedException e) {
        closing = true;
      } catch (SQLException | BusException e) {
        metrics.failed();
        progress.stuck(String.valueOf(e.getMessage()));
        log.warn("publisher starts over: {}", e.getMessage());
        pause(backoff.next());
      } catch (RuntimeException e) {
        // A fault of ours. The loop must not end in silence: it goes on, and readiness says why.
        progress.stuck("internal error: " + e.getClass().getSimpleName());
        log.error("publisher failed, trying again", e);
        pause(backoff.next());
      } finally {
        active = false;
        metrics.active(false);
      }
    }
  }

  /**
   * Waits, whatever is announced meanwhile: a standby that looked at every notification, and an
   * active one that tried again at every one during an outage, would keep opening connections.
   */
  private void pause(Duration time) {
    try {
      boolean _ = closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      closing = true;
    }
  }

  private static boolean acquire(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_try_advisory_lock(?)")) {
      statement.setLong(1, Outbox.PUBLISHER_LOCK);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  private void publish(Connection connection) throws SQLException, InterruptedException {
    keepPlans(connection);
    OutboxReader reader = new OutboxReader(connection, limits.fetchSize());
    PendingHints hints = new PendingHints(connection, limits.repeatedHints(), limits.tick());
    String seen = null;
    Position old = Position.START;
    long nextOldLook = System.nanoTime() + OLD_ROWS_LOOK.toNanos();
    long nextHintLook = System.nanoTime();
    boolean much = true;
    while (!closing) {
      wake.drainPermits();
      Flight flight = new Flight();
      String snapshot =
          reader.read(
              seen,
              much,
              row -> {
                hint(flight, messages.hint(row));
                send(flight, messages.event(row), row.createdAt());
              });
      if (System.nanoTime() - nextHintLook >= 0) {
        for (Messages.Message hint :
            hints.take(limits.hintRepublishAfter(), limits.republishBatch())) {
          hint(flight, hint);
        }
        nextHintLook = System.nanoTime() + limits.tick().toNanos();
      }
      if (System.nanoTime() - nextOldLook >= 0) {
        Position next =
            reader.readOld(
                old, limits.republishAfter(), limits.republishBatch(), row -> again(flight, row));
        old = next == null ? Position.START : next;
        nextOldLook = System.nanoTime() + (next == null ? OLD_ROWS_LOOK.toNanos() : 0);
      }
      flight.land();
      // All acknowledged: only now the rows count as read.
      seen = snapshot;
      much = flight.messages() > limits.fetchSize();
      progress.moved();
      if (flight.messages() == 0) {
        metrics.idle();
      }
      // What was committed after this reading has woken us, or will: another look right now would
      // find nothing.
      wake.tryAcquire(limits.tick().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Three statements for ever, each answered by an index: planned once, for a table of any size.
   * The outbox is nearly empty most of the time, and then the planner would rather read all of it.
   */
  private static void keepPlans(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set plan_cache_mode = force_generic_plan; set enable_seqscan = off");
    }
  }

  private void again(Flight flight, OutboxRow row) throws InterruptedException {
    metrics.republished();
    send(flight, messages.event(row), row.createdAt());
  }

  /**
   * A hint is one of many and comes again: that the queue has no room for it must not hold up what
   * else there is to publish.
   */
  private void hint(Flight flight, Messages.@Nullable Message message) throws InterruptedException {
    if (message == null) {
      return;
    }
    flight.add(
        bus.publish(message.subject(), message.id(), message.body())
            .handle(
                (_, failure) -> {
                  switch (failure) {
                    case null -> metrics.hint();
                    case BusFull _ -> metrics.crowded();
                    default -> throw new CompletionException(failure);
                  }
                  return null;
                }));
  }

  private void send(Flight flight, Messages.Message message, Instant createdAt)
      throws InterruptedException {
    long begun = System.nanoTime();
    CompletableFuture<PubAck> ack = bus.publish(message.subject(), message.id(), message.body());
    flight.add(
        ack.thenAccept(
            _ -> metrics.published(createdAt, clock.instant(), System.nanoTime() - begun)));
  }

  /** Messages of one round that the bus has not acknowledged yet. */
  private final class Flight {
    private final ArrayDeque<CompletableFuture<?>> acks = new ArrayDeque<>();
    private @Nullable BusException failure;
    private long messages;

    void add(CompletableFuture<?> ack) throws InterruptedException {
      messages++;
      acks.add(ack);
      // The bus bounds what is on its way; forgetting what has landed bounds this list too.
      while (!acks.isEmpty() && acks.getFirst().isDone()) {
        settle(acks.removeFirst());
      }
    }

    long messages() {
      return messages;
    }

    /** Waits for all acknowledgements; the first failure is thrown after all have settled. */
    void land() throws InterruptedException {
      while (!acks.isEmpty()) {
        settle(acks.removeFirst());
      }
      if (failure != null) {
        throw failure;
      }
    }

    private void settle(CompletableFuture<?> ack) throws InterruptedException {
      try {
        ack.get();
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case BusRefused refused -> {
            // The bus will never take this one; the projector finds its row through a later event
            // of the execution, or through the pass over old rows.
            metrics.failed();
            log.error("message refused by the bus: {}", refused.getMessage());
          }
          case BusException fault -> failure = failure == null ? fault : failure;
          case null, default ->
              throw new IllegalStateException("Expected a fault of the bus, but got", e.getCause());
        }
      }
    }
  }
}
