package io.noetl.publisher;

import io.noetl.support.Backoff;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens with the standard driver, which blocks a thread in a read of the socket. */
public final class PgNotificationSource implements NotificationSource {
  private static final Logger log = LoggerFactory.getLogger(PgNotificationSource.class);

  /** How long one read blocks; also how soon a closed source ends. */
  private static final int READ_MS = 500;

  private final ConnectionSource connections;
  private volatile boolean closed;
  private volatile boolean listening;
  private volatile Thread thread = Thread.currentThread();

  public PgNotificationSource(ConnectionSource connections) {
    this.connections = connections;
  }

  @Override
  public void start(Runnable wake) {
    thread = Thread.ofVirtual().name("listen").start(() -> run(wake));
  }

  private void run(Runnable wake) {
    Backoff backoff =
        new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), RandomGenerator.getDefault());
    while (!closed) {
      try (Connection connection = connections.open();
          Statement statement = connection.createStatement()) {
        statement.execute("listen " + CHANNEL);
        listening = true;
        backoff.reset();
        wake.run();
        PGConnection pg = connection.unwrap(PGConnection.class);
        while (!closed) {
          PGNotification[] notifications = pg.getNotifications(READ_MS);
          if (notifications != null && notifications.length > 0) {
            wake.run();
          }
        }
      } catch (SQLException e) {
        if (!closed && (listening || backoff.attempts() == 0)) {
          log.warn("no listening connection, trying again: {}", e.getMessage());
        }
        listening = false;
        pause(backoff.next());
      }
    }
    listening = false;
  }

  private void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  @Override
  public boolean listening() {
    return listening;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(Duration.ofMillis(2L * READ_MS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
