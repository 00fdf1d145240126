package io.noetl.publisher;

import io.noetl.support.Backoff;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection listening: connects, listens, wakes once since something may have been
 * missed, lets the driver's own way of waiting run, and begins anew when the connection is lost.
 */
final class ListeningThread {
  private static final Logger log = LoggerFactory.getLogger(ListeningThread.class);
  private static final Duration CLOSE_BOUND = Duration.ofSeconds(2);

  private final ConnectionSource connections;
  private final Waiting waiting;
  private volatile boolean closed;
  private volatile boolean listening;
  private volatile @Nullable Thread thread;

  /** How a driver waits for notifications. */
  interface Waiting {
    /** Called before the connection listens. */
    default void prepare(Connection connection, Runnable wake) throws SQLException {}

    /** Waits on a connection that listens, until it is lost or {@code closed} says so. */
    void run(Connection connection, Runnable wake, Closed closed)
        throws SQLException, InterruptedException;
  }

  /** Whether the source was closed. */
  interface Closed {
    boolean now();
  }

  ListeningThread(ConnectionSource connections, Waiting waiting) {
    this.connections = connections;
    this.waiting = waiting;
  }

  void start(String name, Runnable wake) {
    thread = Thread.ofPlatform().daemon().name(name).start(() -> run(wake));
  }

  boolean listening() {
    return listening;
  }

  void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      try {
        running.join(CLOSE_BOUND);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run(Runnable wake) {
    Backoff backoff = Backoff.reconnecting();
    while (!closed) {
      try {
        try (Connection connection = connections.open()) {
          waiting.prepare(connection, wake);
          try (Statement statement = connection.createStatement()) {
            statement.execute("listen " + NotificationSource.CHANNEL);
          }
          listening = true;
          backoff.reset();
          wake.run();
          waiting.run(connection, wake, () -> closed);
          lost("it was closed", backoff);
          Thread.sleep(backoff.next());
        } catch (SQLException e) {
          lost(String.valueOf(e.getMessage()), backoff);
          Thread.sleep(backoff.next());
        } catch (RuntimeException e) {
          // A fault of ours or of the driver. The loop must not end in silence: it goes on.
          log.error("listening failed, trying again", e);
          lost(String.valueOf(e.getMessage()), backoff);
          Thread.sleep(backoff.next());
        }
      } catch (InterruptedException e) {
        closed = true;
      }
    }
    listening = false;
  }

  /** Says so once, not at each try. */
  private void lost(String why, Backoff backoff) {
    if (!closed && (listening || backoff.attempts() == 0)) {
      log.warn("no listening connection, trying again: {}", why);
    }
    listening = false;
  }
}
