package io.noetl.publisher;

import com.impossibl.postgres.api.jdbc.PGConnection;
import com.impossibl.postgres.api.jdbc.PGNotificationListener;
import io.noetl.support.Backoff;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens with pgjdbc-ng, which calls back as soon as the notification arrives: about five times
 * sooner than the standard driver's blocking read. It does not connect again by itself, so this
 * class supervises it; and a connection cut in silence is found by a heartbeat.
 */
public final class NgNotificationSource implements NotificationSource {
  private static final Logger log = LoggerFactory.getLogger(NgNotificationSource.class);
  private static final long HEARTBEAT_MS = 5_000;

  private final ConnectionSource connections;
  private volatile boolean closed;
  private volatile boolean listening;
  private volatile CountDownLatch lost = new CountDownLatch(0);
  private volatile Thread thread = Thread.currentThread();

  /**
   * @param connections opens connections of pgjdbc-ng
   */
  public NgNotificationSource(ConnectionSource connections) {
    this.connections = connections;
  }

  @Override
  public void start(Runnable wake) {
    thread = Thread.ofPlatform().daemon().name("listen-ng").start(() -> run(wake));
  }

  private void run(Runnable wake) {
    Backoff backoff =
        new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), RandomGenerator.getDefault());
    while (!closed) {
      CountDownLatch ended = new CountDownLatch(1);
      lost = ended;
      try (Connection connection = connections.open()) {
        PGConnection pg = connection.unwrap(PGConnection.class);
        pg.addNotificationListener(
            new PGNotificationListener() {
              @Override
              public void notification(int processId, String channelName, String payload) {
                wake.run();
              }

              @Override
              public void closed() {
                ended.countDown();
              }
            });
        execute(connection, "listen " + CHANNEL);
        listening = true;
        backoff.reset();
        wake.run();
        while (!closed && !ended.await(HEARTBEAT_MS, TimeUnit.MILLISECONDS)) {
          execute(connection, "select 1");
        }
        if (!closed) {
          log.warn("listening connection lost, connecting again");
        }
        listening = false;
      } catch (SQLException e) {
        if (!closed && (listening || backoff.attempts() == 0)) {
          log.warn("no listening connection, trying again: {}", e.getMessage());
        }
        listening = false;
        pause(backoff.next());
      } catch (InterruptedException e) {
        closed = true;
      }
    }
    listening = false;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
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
    lost.countDown();
    try {
      thread.join(Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
