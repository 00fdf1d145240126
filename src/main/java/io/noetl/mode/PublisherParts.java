package io.noetl.mode;

import io.noetl.bus.Bus;
import io.noetl.config.DatabaseConfig;
import io.noetl.config.PublisherConfig;
import io.noetl.postgres.Database;
import io.noetl.publisher.ConnectionSource;
import io.noetl.publisher.NgNotificationSource;
import io.noetl.publisher.NotificationSource;
import io.noetl.publisher.PgNotificationSource;
import io.noetl.publisher.Publisher;
import io.noetl.publisher.PublisherLimits;
import io.noetl.publisher.PublisherMetrics;

/** The publisher, with the driver that its settings name for listening. */
final class PublisherParts {
  private PublisherParts() {}

  static Publisher publisher(Node node, DatabaseConfig database, Bus bus) {
    PublisherConfig config = node.config().publisher();
    ConnectionSource own = () -> Database.open(database, "noetl-publisher");
    NotificationSource notifications =
        switch (config.listener()) {
          case PGJDBC_NG ->
              new NgNotificationSource(() -> Database.openListener(database, "noetl-listener"));
          case PGJDBC -> new PgNotificationSource(() -> Database.open(database, "noetl-listener"));
        };
    Publisher publisher =
        new Publisher(
            own,
            bus,
            notifications,
            new PublisherLimits(
                config.tick(),
                config.fetchSize(),
                config.republishAfter(),
                node.config().command().republishAfter(),
                config.republishBatch(),
                config.repeatedHints(),
                node.config().projector().shardCount()),
            new PublisherMetrics(node.metrics().registry()),
            node.loop("publisher"),
            node.clock());
    node.readiness()
        .tells("publishes", () -> publisher.active() ? "it does" : "another does, it stands by");
    return publisher;
  }
}
