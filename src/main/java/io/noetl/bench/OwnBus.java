package io.noetl.bench;

import io.noetl.bus.Bus;
import io.noetl.bus.BusLimits;
import io.noetl.bus.EmbeddedBus;
import io.noetl.bus.NatsBus;
import io.noetl.bus.NatsConfig;
import io.noetl.bus.NatsProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * A bus that is empty and that nobody else uses: what a measurement leaves in the bus of the roles
 * would be work for them.
 */
final class OwnBus implements AutoCloseable {
  private final Path folder;
  private final @Nullable NatsProcess nats;
  private final Bus bus;

  private OwnBus(Path folder, @Nullable NatsProcess nats, Bus bus) {
    this.folder = folder;
    this.nats = nats;
    this.bus = bus;
  }

  /**
   * @param natsServer the program, or null for the bus in memory
   */
  static OwnBus open(@Nullable Path natsServer) throws InterruptedException {
    Path folder = Stand.temporary();
    if (natsServer == null) {
      return new OwnBus(
          folder, null, new EmbeddedBus(BusLimits.embeddedDefaults(), InstantSource.system()));
    }
    NatsProcess nats = NatsProcess.start(natsServer, folder);
    return new OwnBus(
        folder,
        nats,
        NatsBus.open(
            new NatsConfig(
                nats.url(),
                null,
                null,
                null,
                null,
                "noetl-bench",
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                1,
                BusLimits.defaults()),
            InstantSource.system()));
  }

  Bus bus() {
    return bus;
  }

  @Override
  public void close() {
    bus.close();
    if (nats != null) {
      nats.close();
    }
    Stand.delete(folder);
  }
}
