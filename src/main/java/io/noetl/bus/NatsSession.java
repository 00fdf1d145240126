package io.noetl.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import java.io.IOException;

/**
 * One connection and what lives and dies with it. A broken connection is never mended: the next
 * session takes its place, so nothing can mistake the state of an old one for its own.
 */
final class NatsSession {

  private final Connection connection;
  private final JetStreamManagement management;
  private final NatsPublishes publishes;

  NatsSession(Connection connection, NatsConfig config, Runnable onStreamMissing)
      throws IOException {
    this.connection = connection;
    this.management =
        connection.jetStreamManagement(
            JetStreamOptions.builder().requestTimeout(config.requestTimeout()).build());
    this.publishes = new NatsPublishes(connection, config, onStreamMissing);
  }

  Connection connection() {
    return connection;
  }

  JetStreamManagement management() {
    return management;
  }

  NatsPublishes publishes() {
    return publishes;
  }

  boolean isConnected() {
    return connection.getStatus() == Connection.Status.CONNECTED;
  }
}
