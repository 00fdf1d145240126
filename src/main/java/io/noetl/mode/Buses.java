package io.noetl.mode;

import io.noetl.bus.BusLimits;
import io.noetl.bus.NatsConfig;
import io.noetl.config.BusConfig;
import io.noetl.config.NoetlConfig;

/** From settings to the bus. */
final class Buses {
  private Buses() {}

  /**
   * @param url address of the server
   * @param connectionName shown by the server's monitoring
   */
  static NatsConfig nats(NoetlConfig config, String url, String connectionName) {
    BusConfig bus = config.bus();
    BusLimits limits = BusLimits.defaults().withPublishWindow(config.publisher().window());
    return new NatsConfig(
        url,
        bus.user().isEmpty() ? null : bus.user(),
        bus.user().isEmpty() ? null : bus.password().reveal(),
        bus.token().isEmpty() ? null : bus.token().reveal(),
        bus.credentialsFile().orElse(null),
        connectionName,
        bus.connectTimeout(),
        bus.requestTimeout(),
        bus.replicas(),
        limits);
  }
}
