package io.noetl.mode;

import io.noetl.bus.Bus;
import io.noetl.bus.BusLimits;
import io.noetl.bus.EmbeddedBus;
import io.noetl.bus.NatsBus;
import io.noetl.bus.NatsProcess;
import io.noetl.bus.StreamLimits;
import io.noetl.config.BusConfig;
import io.noetl.config.ConfigLoader;
import io.noetl.config.DatabaseConfig;
import io.noetl.config.NoetlConfig;
import io.noetl.config.Secret;
import io.noetl.credential.KeyFile;
import io.noetl.credential.Keys;
import io.noetl.postgres.EmbeddedPostgresServer;
import io.noetl.postgres.Migrations;
import io.noetl.publisher.Publisher;
import io.noetl.support.Lifecycle;
import io.noetl.support.Lifecycles;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every role in this process: the same parts as in processes of their own, on a PostgreSQL and a
 * bus that come along when none is configured.
 */
final class AllRoles implements EmbeddedRuntime {
  private final List<String> facts = new ArrayList<>();
  private @Nullable Lifecycles parts;

  @Override
  public URI start(NoetlConfig config) {
    Node node = new Node(Mode.ALL, config);
    Path folder = config.data().folder().toAbsolutePath().normalize();
    DatabaseConfig database = config.database();
    Lifecycles all = new Lifecycles();
    parts = all;
    if (database.configured()) {
      facts.add("PostgreSQL at " + database.place());
    } else {
      // Started here and not with the others: everything after it needs its port.
      EmbeddedPostgresServer own =
          new EmbeddedPostgresServer(folder.resolve("postgres"), config.embeddedPostgres());
      own.start();
      all.add("postgres", new Adapted(() -> {}, own::close), Duration.ofSeconds(30));
      database = own.database(database);
      try {
        new Migrations(database).migrate(reason -> node.readiness().waits("database", reason));
      } catch (RuntimeException e) {
        close();
        throw e;
      }
      facts.add("embedded PostgreSQL on port " + own.port() + ", data in " + folder);
    }
    Keys keys;
    try {
      keys = keys(config, folder);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    DatabaseConfig used = database;
    all.add("metrics", node.metrics());
    DatabaseParts databases = all.add("database", new DatabaseParts(node, used));
    BusConfig wanted = config.bus();
    OwnNats nats =
        !wanted.configured() && wanted.mode() == BusConfig.Mode.NATS
            ? all.add("nats", new OwnNats(() -> program(wanted), folder.resolve("nats"), facts))
            : null;
    Deferred<BusPart> bus = all.add("bus", new Deferred<>(() -> bus(node, nats)));
    Deferred<Publisher> publisher =
        new Deferred<>(() -> PublisherParts.publisher(node, used, bus.get().bus()));
    ServerParts server =
        new ServerParts(node, all, databases, keys, () -> wakes(publisher.ifStarted()));
    all.add("publisher", publisher);
    all.add(
        "projector",
        new Deferred<>(
            () -> ProjectorParts.projectors(node, databases.database(), bus.get().bus())));
    PoolParts pools = new PoolParts(node);
    all.add(
        "worker",
        new Deferred<>(() -> pools.worker(bus.get().bus(), url(server))),
        config.worker().drain().plusSeconds(10));
    all.add(
        "system pool",
        new Deferred<>(() -> pools.systemPool(bus.get().bus(), url(server))),
        config.systemPool().drain().plusSeconds(10));
    all.start();
    node.readiness().started();
    return URI.create(url(server));
  }

  private static boolean wakes(@Nullable Publisher publisher) {
    return publisher != null && publisher.wakeWhenActive();
  }

  /** What encrypts stored secrets: the configured key, else one that stays with the data. */
  private Keys keys(NoetlConfig config, Path folder) {
    if (!config.credentials().key().isEmpty()) {
      return Keys.of(config.credentials());
    }
    Secret key = KeyFile.readOrMake(folder, new SecureRandom());
    facts.add("key of stored secrets in " + KeyFile.in(folder));
    return Keys.of(config.credentials(), key);
  }

  private static String url(ServerParts server) {
    return "http://127.0.0.1:" + server.api().port();
  }

  private BusPart bus(Node node, @Nullable OwnNats nats) {
    NoetlConfig config = node.config();
    BusConfig wanted = config.bus();
    Bus bus;
    if (wanted.configured()) {
      facts.add("NATS at " + wanted.url());
      bus = NatsBus.open(Buses.nats(config, wanted.url(), "noetl-all"), node.clock());
    } else if (nats != null) {
      bus = NatsBus.open(Buses.nats(config, nats.url(), "noetl-all"), node.clock());
    } else {
      facts.add("bus in memory");
      bus =
          new EmbeddedBus(inMemory().withPublishWindow(config.publisher().window()), node.clock());
    }
    node.readiness().bus(bus);
    return new BusPart(bus);
  }

  private static Path program(BusConfig wanted) {
    Optional<Path> found =
        wanted.natsServer().isPresent()
            ? wanted.natsServer()
            : NatsProcess.findOnPath(name -> ConfigLoader.environment().get(name));
    return found.orElseThrow(
        () ->
            new IllegalArgumentException(
                "bus.mode is nats, but neither bus.url (NATS_URL) nor a nats-server of 2.10.27 or"
                    + " newer on PATH (bus.nats-server) is there; use --bus=memory to go without"));
  }

  @Override
  public List<String> facts() {
    return List.copyOf(facts);
  }

  @Override
  public void close() {
    Lifecycle running = parts;
    parts = null;
    if (running != null) {
      running.close();
    }
  }

  /** Events that everybody has read are kept for late readers, but not at the cost of the rest. */
  private static BusLimits inMemory() {
    BusLimits usual = BusLimits.embeddedDefaults();
    StreamLimits events = usual.events();
    long bytes = Math.min(events.maxBytes(), Runtime.getRuntime().maxMemory() / 16);
    return usual.withEvents(new StreamLimits(events.maxAge(), bytes, events.maxMessages()));
  }
}
