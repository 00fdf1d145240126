package io.noetl.publisher;

import io.noetl.publisher.ListeningThread.Closed;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Listens with the standard driver, which blocks a thread in a read of the socket. */
public final class PgNotificationSource implements NotificationSource {
  /** How long one read blocks; also how soon a closed source ends. */
  private static final int READ_MS = 500;

  private final ListeningThread listener;

  public PgNotificationSource(ConnectionSource connections) {
    this.listener = new ListeningThread(connections, PgNotificationSource::read);
  }

  private static void read(Connection connection, Runnable wake, Closed closed)
      throws SQLException {
    PGConnection pg = connection.unwrap(PGConnection.class);
    while (!closed.now()) {
      PGNotification[] notifications = pg.getNotifications(READ_MS);
      if (notifications != null && notifications.length > 0) {
        wake.run();
      }
    }
  }

  @Override
  public void start(Runnable wake) {
    listener.start("listen", wake);
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
