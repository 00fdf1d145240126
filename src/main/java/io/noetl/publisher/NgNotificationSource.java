package io.noetl.publisher;

import com.impossibl.postgres.api.jdbc.PGConnection;
import com.impossibl.postgres.api.jdbc.PGNotificationListener;
import io.noetl.publisher.ListeningThread.Closed;
import io.noetl.publisher.ListeningThread.Waiting;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Listens with pgjdbc-ng, which calls back as soon as the notification arrives: about five times
 * sooner than the standard driver's blocking read. It does not connect again by itself, and a
 * connection cut in silence is found by a heartbeat.
 */
public final class NgNotificationSource implements NotificationSource {
  private static final long HEARTBEAT_MS = 5_000;

  private final ListeningThread listener;

  /**
   * @param connections opens connections of pgjdbc-ng
   */
  public NgNotificationSource(ConnectionSource connections) {
    this.listener = new ListeningThread(connections, new Callback());
  }

  /** Used by one thread, for one connection after the other. */
  private static final class Callback implements Waiting {
    private CountDownLatch ended = new CountDownLatch(1);

    @Override
    public void prepare(Connection connection, Runnable wake) throws SQLException {
      CountDownLatch end = new CountDownLatch(1);
      ended = end;
      connection
          .unwrap(PGConnection.class)
          .addNotificationListener(
              new PGNotificationListener() {
                @Override
                public void notification(int processId, String channelName, String payload) {
                  wake.run();
                }

                @Override
                public void closed() {
                  end.countDown();
                }
              });
    }

    @Override
    public void run(Connection connection, Runnable wake, Closed closed)
        throws SQLException, InterruptedException {
      while (!closed.now() && !ended.await(HEARTBEAT_MS, TimeUnit.MILLISECONDS)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("select 1");
        }
      }
    }
  }

  @Override
  public void start(Runnable wake) {
    listener.start("listen-ng", wake);
  }

  @Override
  public boolean listening() {
    return listener.listening();
  }

  @Override
  public void close() {
    listener.close();
  }
}
