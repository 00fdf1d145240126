package io.noetl.bus;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one session up for as long as the bus is open. One virtual thread, the keeper, connects,
 * checks the server's version, sees to the streams, expires publishes, and begins again when the
 * connection breaks. The first connection and every later one take the same path.
 */
final class NatsLink implements AutoCloseable {

  private static final Logger LOG = System.getLogger(NatsLink.class.getName());
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration PING_INTERVAL = Duration.ofSeconds(10);
  private static final int PINGS_UNANSWERED = 2;
  private static final Duration FLUSH_ON_CLOSE = Duration.ofSeconds(1);

  private final NatsConfig config;
  private final NatsStreams streams;
  private final NatsState state;
  private final Options options;
  private final Thread keeper;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile @Nullable NatsSession session;
  private volatile @Nullable BusMisconfigured unfit;
  private volatile boolean streamsWanted;
  private volatile boolean streamsSuspect;
  private volatile boolean closed;

  NatsLink(NatsConfig config, NatsStreams streams, InstantSource clock) {
    this.config = config;
    this.streams = streams;
    this.state = new NatsState(clock);
    this.options = options();
    this.keeper = Thread.ofVirtual().name("nats-keeper").unstarted(this::keep);
  }

  void start() {
    keeper.start();
  }

  /** The session, or null while there is none. */
  @Nullable NatsSession current() {
    NatsSession now = session;
    return now != null && now.isConnected() ? now : null;
  }

  /**
   * Waits for a session.
   *
   * @throws BusMisconfigured if the only server that answers is not fit
   * @throws BusUnavailable if there is none at the deadline, or the bus is closed
   */
  NatsSession await(long deadlineNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        BusMisconfigured reason = unfit;
        if (reason != null) {
          throw new BusMisconfigured(reason.getMessage(), reason);
        }
        NatsSession now = current();
        if (now != null) {
          return now;
        }
        long left = deadlineNanos - System.nanoTime();
        if (closed || left <= 0) {
          throw unavailable();
        }
        long _ = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  BusUnavailable unavailable() {
    String lastError = state.health().lastError();
    String why = lastError == null ? "still connecting for the first time" : lastError;
    return new BusUnavailable(
        closed
            ? "Expected an open bus, but it is closed; the last error was: " + lastError
            : "Expected a connection to %s, but there is none: %s"
                .formatted(config.maskedUrl(), why));
  }

  /** From now on the streams are seen to with every new session. */
  void wantStreams() {
    streamsWanted = true;
  }

  /** Somebody found a stream missing: the keeper looks after it now. */
  void suspectStreams() {
    streamsSuspect = true;
    signal();
  }

  NatsState state() {
    return state;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    signal();
    keeper.interrupt();
    try {
      keeper.join(config.connectTimeout().plus(FLUSH_ON_CLOSE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void keep() {
    Duration pause = FIRST_PAUSE;
    while (!closed) {
      try {
        if (connect()) {
          pause = FIRST_PAUSE;
          watch();
        }
        pauseFor(pause);
      } catch (InterruptedException e) {
        // Only close() interrupts the keeper, and the loop ends by its flag.
        LOG.log(Level.DEBUG, "bus keeper interrupted");
      } catch (RuntimeException e) {
        // A bug, of ours or of the library. The session is given up and another one made: a keeper
        // that ended here would leave the process without a bus for ever.
        LOG.log(Level.ERROR, "the bus begins anew: its keeper failed", e);
        drop("the keeper failed: " + e);
        state.down("the keeper failed: " + e);
        pause = LONGEST_PAUSE;
        rest(pause);
      }
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
    drop("the bus was closed");
    state.closed();
  }

  private boolean connect() throws InterruptedException {
    // Not null while it has to be closed here.
    Connection connection = null;
    try {
      connection = Nats.connect(options);
      requireVersion(connection.getServerInfo().getVersion());
      NatsSession made = new NatsSession(connection, config, this::suspectStreams);
      seeToStreams(made);
      install(made);
      connection = null;
      return true;
    } catch (BusMisconfigured e) {
      unfit = e;
      state.down(e.getMessage());
      signal();
    } catch (IOException | IllegalStateException e) {
      // The latter is the library's word for a connection that broke while it was set up.
      unfit = null;
      state.down("%s: %s".formatted(config.maskedUrl(), e.getMessage()));
    } finally {
      if (connection != null) {
        close(connection);
      }
    }
    return false;
  }

  /** Returns when the session is lost or the bus closed. */
  private void watch() throws InterruptedException {
    NatsSession watched = session;
    while (!closed && watched != null && watched.isConnected()) {
      lock.lockInterruptibly();
      try {
        long _ = changed.awaitNanos(TICK.toNanos());
      } finally {
        lock.unlock();
      }
      watched.publishes().expire(System.nanoTime());
      if (streamsSuspect) {
        seeToStreams(watched);
      }
    }
    if (!closed) {
      drop("the connection was lost");
    }
  }

  private void seeToStreams(NatsSession made) {
    if (!streamsWanted) {
      streamsSuspect = false;
      return;
    }
    try {
      streamsSuspect = false;
      streams.ensure(made.management());
    } catch (BusException e) {
      // The session is good for telling the others; the streams are tried again at the next tick.
      streamsSuspect = true;
      state.error(e.getMessage());
    }
  }

  private void install(NatsSession made) {
    // Health first: whoever is woken by the session finds it connected.
    state.up(
        "%s, version %s"
            .formatted(config.maskedUrl(), made.connection().getServerInfo().getVersion()));
    lock.lock();
    try {
      unfit = null;
      session = made;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void drop(String reason) {
    NatsSession dropped = session;
    if (dropped == null) {
      return;
    }
    session = null;
    String why = reason;
    String last = dropped.connection().getLastError();
    if (last != null && !last.isEmpty()) {
      why = reason + ": " + last;
    }
    if (!closed) {
      state.down(why);
    }
    dropped.publishes().end(why);
    close(dropped.connection());
    signal();
  }

  private void close(Connection connection) {
    boolean interrupted = Thread.interrupted();
    try {
      if (connection.getStatus() == Connection.Status.CONNECTED) {
        // Answers to messages leave before the connection does.
        connection.flush(FLUSH_ON_CLOSE);
      }
      connection.close();
    } catch (TimeoutException e) {
      state.error("answers not sent at close: " + e.getMessage());
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** As {@link #pauseFor}; an interrupt is for the loop, which ends by its flag. */
  private void rest(Duration pause) {
    try {
      pauseFor(pause);
    } catch (InterruptedException e) {
      LOG.log(Level.DEBUG, "bus keeper interrupted");
    }
  }

  private void pauseFor(Duration pause) throws InterruptedException {
    if (!closed) {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    }
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static void requireVersion(String version) {
    if (!NatsVersion.parse(version).isSupported()) {
      throw new BusMisconfigured(
          "Expected nats-server %s or newer, but it is %s: older ones drop settings in silence"
              .formatted(NatsVersion.MINIMUM, version));
    }
  }

  private Options options() {
    Options.Builder builder =
        Options.builder()
            .servers(config.url().split(","))
            .connectionName(config.connectionName())
            .connectionTimeout(config.connectTimeout())
            .noReconnect()
            .pingInterval(PING_INTERVAL)
            .maxPingsOut(PINGS_UNANSWERED)
            .maxMessagesInOutgoingQueue(4 * config.limits().publishWindow())
            .connectionListener(new Changes())
            .errorListener(new Errors());
    if (config.user() != null && config.password() != null) {
      builder.userInfo(config.user().toCharArray(), config.password().toCharArray());
    }
    if (config.token() != null) {
      builder.token(config.token().toCharArray());
    }
    if (config.credentialsFile() != null) {
      builder.authHandler(Nats.credentials(config.credentialsFile().toString()));
    }
    return builder.build();
  }

  private final class Changes implements ConnectionListener {
    // Deprecated in favour of a default method, yet still the one that has to be implemented.
    @SuppressWarnings("deprecation")
    @Override
    public void connectionEvent(Connection connection, Events type) {
      signal();
    }
  }

  private final class Errors implements ErrorListener {
    @Override
    public void errorOccurred(Connection connection, String error) {
      state.error(error);
    }

    @Override
    public void exceptionOccurred(Connection connection, Exception exception) {
      state.error(String.valueOf(exception.getMessage()));
    }
  }
}
