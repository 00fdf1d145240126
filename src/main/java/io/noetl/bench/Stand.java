package io.noetl.bench;

import io.noetl.bench.BenchOptions.Topology;
import io.noetl.bus.NatsProcess;
import io.noetl.config.DatabaseConfig;
import io.noetl.config.EmbeddedPostgresConfig;
import io.noetl.pool.ServerClient;
import io.noetl.postgres.Database;
import io.noetl.postgres.EmbeddedPostgresServer;
import io.noetl.support.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is measured: a PostgreSQL that syncs its commits, perhaps a nats-server, and the roles of
 * one build as child processes. Everything is new, in a folder of its own, and gone after {@link
 * #close}. Used by one thread.
 */
final class Stand implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
  private static final long LOOK_MS = 50;
  private static final String SLOTS = "64";

  private final FreePorts ports = new FreePorts();
  private final String secretKey = random();
  private final String internalToken = random();
  private final Build build;
  private final Path folder;
  private final EmbeddedPostgresServer postgres;
  private final DatabaseConfig database;
  private final @Nullable NatsProcess nats;
  private final Map<String, Process> roles = new LinkedHashMap<>();
  private final Thread hook = new Thread(this::end, "bench-stop");
  private int port;

  private Stand(
      Build build,
      Path folder,
      EmbeddedPostgresServer postgres,
      DatabaseConfig database,
      @Nullable NatsProcess nats) {
    this.build = build;
    this.folder = folder;
    this.postgres = postgres;
    this.database = database;
    this.nats = nats;
  }

  /**
   * Starts PostgreSQL and the bus, without a role.
   *
   * @param natsServer program of the bus, or null for none
   * @throws BenchException when PostgreSQL does not sync its commits
   */
  static Stand open(Build build, @Nullable Path natsServer) throws InterruptedException {
    Path folder = temporary();
    EmbeddedPostgresServer postgres =
        new EmbeddedPostgresServer(folder.resolve("postgres"), EmbeddedPostgresConfig.defaults());
    postgres.start();
    // The data folder is there now: a second start counts statements.
    postgres.close();
    try {
      Files.writeString(
          folder.resolve("postgres/data/custom.conf"),
          """
          shared_preload_libraries = 'pg_stat_statements'
          pg_stat_statements.track = 'top'
          pg_stat_statements.track_planning = on
          track_wal_io_timing = on
          """);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    postgres.start();
    DatabaseConfig database = postgres.database(DatabaseConfig.defaults());
    NatsProcess nats =
        natsServer == null ? null : NatsProcess.start(natsServer, folder.resolve("nats"));
    Stand stand = new Stand(build, folder, postgres, database, nats);
    Runtime.getRuntime().addShutdownHook(stand.hook);
    stand.prepare();
    return stand;
  }

  private void prepare() {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create extension if not exists pg_stat_statements");
      for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
        try (ResultSet row = statement.executeQuery("show " + setting)) {
          if (!row.next() || !row.getString(1).equals("on")) {
            throw new BenchException("Expected " + setting + " = on: a figure without it is none");
          }
        }
      }
    } catch (SQLException e) {
      throw new BenchException("Expected PostgreSQL to answer, but " + e.getMessage(), e);
    }
    run("migrate", List.of("migrate"), Map.of());
  }

  static Path temporary() {
    try {
      return Files.createTempDirectory("noetl-bench");
    } catch (IOException e) {
      throw new UncheckedIOException("Expected a folder for temporary files", e);
    }
  }

  /** A connection of the bench's own. The caller closes it. */
  Connection connect() throws SQLException {
    return Database.open(database, "noetl-bench");
  }

  DatabaseConfig database() {
    return database;
  }

  String name() {
    return build.name();
  }

  /** Starts the roles and waits until the API is ready and somebody works. */
  void start(Topology topology) throws InterruptedException {
    port = ports.next();
    Map<String, String> own = new LinkedHashMap<>();
    own.put("NOETL_SERVER_PORT", String.valueOf(port));
    switch (topology) {
      case ALL -> launch("all", List.of("all"), own);
      case PROCESSES -> {
        launch("server", List.of("server"), own);
        for (String role : List.of("publisher", "projector", "worker", "system-pool")) {
          launch(
              role,
              List.of(role),
              Map.of(
                  "NOETL_METRICS_PORT",
                  String.valueOf(ports.next()),
                  "NOETL_WORKER_SERVER_URL",
                  url(),
                  "NOETL_SYSTEM_POOL_SERVER_URL",
                  url()));
        }
      }
    }
    awaitReady();
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  ServerClient client() {
    return new ServerClient(url(), Duration.ofSeconds(60), "");
  }

  /** The processes that count, by the name that the report shows. */
  Map<String, ProcessHandle> processes() {
    Map<String, ProcessHandle> handles = new LinkedHashMap<>();
    handles.put("client", ProcessHandle.current());
    roles.forEach((name, process) -> handles.put(name, process.toHandle()));
    ProcessHandle.of(postgres.pid()).ifPresent(handle -> handles.put("postgres", handle));
    NatsProcess bus = nats;
    if (bus != null) {
      handles.put("nats", bus.handle());
    }
    return handles;
  }

  private void launch(String name, List<String> arguments, Map<String, String> own) {
    roles.put(name, spawn(name, arguments, own));
  }

  private Process spawn(String name, List<String> arguments, Map<String, String> own) {
    ProcessBuilder builder = new ProcessBuilder(build.command(arguments));
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(key -> key.startsWith("NOETL_") || key.startsWith("NATS_"));
    environment.put("POSTGRES_HOST", database.host());
    environment.put("POSTGRES_PORT", String.valueOf(database.port()));
    environment.put("POSTGRES_DB", database.name());
    environment.put("POSTGRES_USER", database.user());
    environment.put("POSTGRES_PASSWORD", database.password().reveal());
    environment.put("NOETL_DATA_FOLDER", folder.resolve("data").toString());
    environment.put("NOETL_CREDENTIALS_KEY", secretKey);
    environment.put("NOETL_AUTH_INTERNAL_TOKEN", internalToken);
    // As many as clients that ask in most loops: tools that do nothing should not queue for a slot.
    environment.put("NOETL_WORKER_SLOTS", SLOTS);
    environment.put("NOETL_SYSTEM_POOL_SLOTS", SLOTS);
    NatsProcess bus = nats;
    if (bus != null) {
      environment.put("NATS_URL", bus.url());
    }
    environment.putAll(own);
    try {
      return builder
          .redirectErrorStream(true)
          .redirectOutput(log(name).toFile())
          .redirectInput(ProcessBuilder.Redirect.PIPE)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("Expected to start " + name, e);
    }
  }

  /** A key or a token of this stand alone. */
  private static String random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private void run(String name, List<String> arguments, Map<String, String> own) {
    Process process = spawn(name, arguments, own);
    try {
      if (!process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new BenchException("Expected " + name + " to end well, but:\n" + tail(name));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while " + name + " was running", e);
    }
  }

  private void awaitReady() throws InterruptedException {
    ServerClient client = client();
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      for (Map.Entry<String, Process> role : roles.entrySet()) {
        if (!role.getValue().isAlive()) {
          throw new BenchException(
              "Expected role " + role.getKey() + " to run, but it ended:\n" + tail(role.getKey()));
        }
      }
      if (ready(client)) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new BenchException(
            "Expected "
                + url()
                + " to be ready within "
                + START_LIMIT.toSeconds()
                + " s, but it is not:\n"
                + tail(roles.keySet().iterator().next()));
      }
      Thread.sleep(LOOK_MS);
    }
  }

  private static boolean ready(ServerClient client) {
    try {
      return client.get("/readyz").ok();
    } catch (ServerClient.UnreachableException e) {
      // Not yet bound.
      return false;
    }
  }

  private Path log(String name) {
    return folder.resolve(name + ".log");
  }

  private String tail(String name) {
    try (Stream<String> lines = Files.lines(log(name))) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - 15), all.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /** Ends the roles, the last started first; PostgreSQL and the bus stay. */
  void stopRoles() {
    List<Process> running = new ArrayList<>(roles.values());
    roles.clear();
    running.reversed().forEach(Process::destroy);
    for (Process process : running) {
      try {
        if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // Ctrl-C was faster: the hook does it.
      return;
    }
    end();
  }

  private void end() {
    stopRoles();
    NatsProcess bus = nats;
    if (bus != null) {
      bus.close();
    }
    postgres.close();
    delete(folder);
  }

  static void delete(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Expected to remove " + folder, e);
    }
  }
}
