package io.noetl.chaos;

import io.noetl.config.DatabaseConfig;
import io.noetl.postgres.Migrations;
import io.noetl.support.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All processes and what is between them: two servers, publishers, projectors and workers, a system
 * pool, PostgreSQL and nats-server. For one thread.
 */
final class Site implements AutoCloseable {
  /** Between a role and what it speaks to. */
  private static final String TO = " to ";

  /** So many faults may hit one command; its attempts must not run out for that. */
  private static final int MAX_ATTEMPTS = 50;

  /** Most that PostgreSQL and nats-server may store where they have file systems of their own. */
  private static final long DATABASE_BYTES = 64L << 30;

  private static final long BUS_BYTES = 4L << 30;

  private final ChaosSettings settings;
  private final HttpClient http;
  private final OwnDatabase database;
  private final OwnBus bus;
  private final List<Role> roles = new ArrayList<>();
  private final List<Gate> toDatabase = new ArrayList<>();
  private final List<Gate> toBus = new ArrayList<>();
  private final List<Gate> toServers = new ArrayList<>();
  private final List<Volume> volumes = new ArrayList<>();
  private final FreePorts ports = new FreePorts();
  private final String secretKey = random();
  private final String internalToken = random();

  /** Starts PostgreSQL and nats-server and makes the rest; {@link #start} starts the roles. */
  Site(ChaosSettings settings, Path natsServer, HttpClient http) throws InterruptedException {
    this.settings = settings;
    this.http = http;
    try {
      Files.createDirectories(logs());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    database =
        new OwnDatabase(
            settings.folder().resolve("postgres"),
            volume(FaultKind.DATABASE_FULL, "postgres", DATABASE_BYTES));
    try {
      bus =
          new OwnBus(
              natsServer,
              settings.folder().resolve("nats"),
              volume(FaultKind.DISK_FULL, "nats", BUS_BYTES));
    } catch (RuntimeException e) {
      database.close();
      volumes.forEach(Volume::close);
      throw e;
    }
    List<Integer> servers = List.of(ports.next(), ports.next());
    for (int i = 0; i < servers.size(); i++) {
      add("server-" + (i + 1), "server", servers.get(i), Map.of(), true, false, List.of());
    }
    for (int i = 1; i <= 2; i++) {
      add("publisher-" + i, "publisher", ports.next(), Map.of(), true, true, List.of());
    }
    for (int i = 0; i < 2; i++) {
      Map<String, String> shard = Map.of("projector.shards", Integer.toString(i));
      add("projector-" + (i + 1), "projector", ports.next(), shard, true, true, List.of());
    }
    for (int i = 1; i <= 2; i++) {
      add("worker-" + i, "worker", ports.next(), Map.of(), false, true, servers);
    }
    add("system-pool", "system-pool", ports.next(), Map.of(), false, true, servers);
  }

  /** A file system of its own for what a fault of this kind fills; null when it is not wanted. */
  private @Nullable Volume volume(FaultKind kind, String name, long bytes) {
    if (!settings.faults().contains(kind)) {
      return null;
    }
    Volume volume =
        Volume.mount(
            settings.folder().resolve(name), settings.folder().resolve(name + ".img"), bytes);
    volumes.add(volume);
    return volume;
  }

  /** A key or a token of this site alone. */
  private static String random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  Path logs() {
    return settings.folder().resolve("logs");
  }

  private void add(
      String name,
      String mode,
      int port,
      Map<String, String> own,
      boolean usesDatabase,
      boolean usesBus,
      List<Integer> servers) {
    Map<String, String> all = new LinkedHashMap<>();
    long lease = settings.lease().toMillis();
    if (usesDatabase) {
      Gate gate = gate(toDatabase, name + TO + "PostgreSQL", database.config().port());
      DatabaseConfig config = database.config();
      all.put("database.host", config.host());
      all.put("database.port", Integer.toString(gate.port()));
      all.put("database.name", config.name());
      all.put("database.user", config.user());
      all.put("database.append-connections", "4");
      all.put("database.read-connections", "4");
      // A half-open connection is given up after this; the default is for slower networks.
      all.put("database.socket-timeout", "10s");
      all.put("database.statement-timeout", "8s");
      all.put("command.lease", lease + "ms");
      all.put("command.sweep", "500ms");
      all.put("command.max-attempts", Integer.toString(MAX_ATTEMPTS));
      all.put("command.republish-after", lease + "ms");
      all.put("publisher.republish-after", 2 * lease + "ms");
      all.put("projector.shard-count", "2");
    }
    if (usesBus) {
      Gate gate = gate(toBus, name + TO + "nats-server", bus.port());
      all.put("bus.url", "nats://127.0.0.1:" + gate.port());
    }
    if (!servers.isEmpty()) {
      Gate gate = new Gate(name + TO + "servers", servers);
      toServers.add(gate);
      all.put(mode + ".server-url", "http://127.0.0.1:" + gate.port());
      all.put(mode + ".lease", lease + "ms");
      all.put(mode + ".worker-id", name);
    }
    all.putAll(own);
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("NOETL_AUTH_INTERNAL_TOKEN", internalToken);
    if (usesDatabase) {
      environment.put("POSTGRES_PASSWORD", database.config().password().reveal());
      environment.put("NOETL_CREDENTIALS_KEY", secretKey);
    }
    roles.add(new Role(name, mode, all, environment, logs().resolve(name + ".log"), port, http));
  }

  private static Gate gate(List<Gate> gates, String name, int target) {
    Gate gate = new Gate(name, List.of(target));
    gates.add(gate);
    return gate;
  }

  /** Brings the schema up and starts every role; returns when all are ready. */
  void start(Duration patience, Consumer<String> say) throws InterruptedException {
    roles.forEach(Role::start);
    new Migrations(database.config()).migrate(_ -> {});
    List<String> missing = awaitReady(patience);
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "Expected every role to start and to be ready within %d s, but %s"
              .formatted(patience.toSeconds(), String.join("; ", missing)));
    }
    say.accept(roles.size() + " roles are ready");
  }

  /** Waits until every role is ready; returns what those say that are not in time. */
  List<String> awaitReady(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    List<Role> waiting = new ArrayList<>(roles);
    while (true) {
      waiting.removeIf(Role::ready);
      if (waiting.stream().anyMatch(role -> !role.alive())
          || waiting.isEmpty()
          || System.nanoTime() > deadline) {
        return waiting.stream()
            .map(role -> role.name() + " is not ready: " + role.readyz() + "\n" + role.lastLines())
            .toList();
      }
      Thread.sleep(100);
    }
  }

  /** Starts what is not there, lets go on what is paused, opens every gate. */
  void makeWhole() throws InterruptedException {
    volumes.forEach(Volume::free);
    bus.resume();
    bus.start();
    roles.forEach(role -> role.clock(Duration.ZERO));
    for (List<Gate> gates : List.of(toDatabase, toBus, toServers)) {
      gates.forEach(Gate::open);
    }
    for (Role role : roles) {
      role.resume();
      role.start();
    }
  }

  /** Roles that have ended by themselves are started again, as whoever runs them would. */
  List<String> restartEnded() {
    List<String> ended = new ArrayList<>();
    for (Role role : roles) {
      if (!role.alive()) {
        ended.add(role.name());
        role.start();
      }
    }
    return ended;
  }

  OwnDatabase database() {
    return database;
  }

  OwnBus bus() {
    return bus;
  }

  List<Role> roles(String mode) {
    return roles.stream().filter(role -> role.mode().equals(mode)).toList();
  }

  List<Role> roles() {
    return List.copyOf(roles);
  }

  List<Gate> toDatabase() {
    return List.copyOf(toDatabase);
  }

  List<Gate> toBus() {
    return List.copyOf(toBus);
  }

  List<Gate> toServers() {
    return List.copyOf(toServers);
  }

  /** Addresses of the servers, past all gates. */
  List<String> serverUrls() {
    return roles("server").stream().map(Role::url).toList();
  }

  @Override
  public void close() {
    roles.forEach(Role::kill);
    for (List<Gate> gates : List.of(toDatabase, toBus, toServers)) {
      gates.forEach(Gate::close);
    }
    bus.close();
    database.close();
    volumes.forEach(Volume::close);
  }
}
