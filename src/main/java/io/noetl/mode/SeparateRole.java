package io.noetl.mode;

import io.noetl.bus.Bus;
import io.noetl.bus.NatsBus;
import io.noetl.config.NoetlConfig;
import io.noetl.config.PoolConfig;
import io.noetl.credential.Keys;
import io.noetl.support.Lifecycle;
import io.noetl.support.Lifecycles;
import java.time.Duration;

/** One role in a process of its own. */
final class SeparateRole implements Lifecycle {
  private final Node node;
  private final Lifecycles parts = new Lifecycles();

  /**
   * @throws IllegalArgumentException when a setting that the role needs is missing, saying which
   */
  SeparateRole(Mode mode, NoetlConfig config) {
    this.node = new Node(mode, config);
    boolean needsDatabase = mode == Mode.SERVER || mode == Mode.PUBLISHER || mode == Mode.PROJECTOR;
    if (needsDatabase && !config.database().configured()) {
      throw new IllegalArgumentException(
          mode.word() + " needs PostgreSQL: set database.host (POSTGRES_HOST)");
    }
    if (mode != Mode.SERVER && !config.bus().configured()) {
      throw new IllegalArgumentException(mode.word() + " needs NATS: set bus.url (NATS_URL)");
    }
    if (mode == Mode.SYSTEM_POOL && node.internalToken().isEmpty()) {
      throw new IllegalArgumentException(
          "system-pool needs the token of the server's internal routes, from which it reads"
              + " modules: set auth.internal-token (NOETL_AUTH_INTERNAL_TOKEN) to that of the"
              + " server");
    }
    parts.add("metrics", node.metrics());
    if (mode != Mode.SERVER) {
      parts.add("operations", new OperationsServer(node));
    }
    switch (mode) {
      case SERVER ->
          new ServerParts(node, parts, database(), Keys.of(config.credentials()), () -> false);
      case PUBLISHER -> {
        database();
        Deferred<BusPart> bus = bus();
        parts.add(
            "publisher",
            new Deferred<>(
                () -> PublisherParts.publisher(node, config.database(), bus.get().bus())));
      }
      case PROJECTOR -> {
        DatabaseParts database = database();
        Deferred<BusPart> bus = bus();
        parts.add(
            "projector",
            new Deferred<>(
                () -> ProjectorParts.projectors(node, database.database(), bus.get().bus())));
      }
      case WORKER -> {
        String url = serverUrl(config.worker());
        Deferred<BusPart> bus = bus();
        parts.add(
            "worker",
            new Deferred<>(() -> new PoolParts(node).worker(bus.get().bus(), url)),
            drain(config.worker()));
      }
      case SYSTEM_POOL -> {
        String url = serverUrl(config.systemPool());
        Deferred<BusPart> bus = bus();
        parts.add(
            "system pool",
            new Deferred<>(() -> new PoolParts(node).systemPool(bus.get().bus(), url)),
            drain(config.systemPool()));
      }
      case ALL -> throw new IllegalArgumentException("Expected one role, but got all");
    }
  }

  private DatabaseParts database() {
    return parts.add("database", new DatabaseParts(node, node.config().database()));
  }

  private Deferred<BusPart> bus() {
    return parts.add(
        "bus",
        new Deferred<>(
            () -> {
              Bus bus =
                  NatsBus.open(
                      Buses.nats(
                          node.config(), node.config().bus().url(), "noetl-" + node.mode().word()),
                      node.clock());
              node.readiness().bus(bus);
              return new BusPart(bus);
            }));
  }

  private String serverUrl(PoolConfig pool) {
    return pool.serverUrl()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    node.mode().word()
                        + " needs the server: set "
                        + pool.section()
                        + ".server-url, for example http://127.0.0.1:8082"));
  }

  private static Duration drain(PoolConfig pool) {
    return pool.drain().plusSeconds(10);
  }

  @Override
  public void start() {
    parts.start();
    node.readiness().started();
  }

  @Override
  public void close() {
    parts.close();
  }
}
