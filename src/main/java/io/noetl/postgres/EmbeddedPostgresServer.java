package io.noetl.postgres;

import io.noetl.config.DatabaseConfig;
import io.noetl.config.EmbeddedPostgresConfig;
import io.noetl.config.Secret;
import io.noetl.postgres.DatabaseException.Kind;
import io.noetl.support.Lifecycle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of this process's own, with its data in a folder that survives restarts. It
 * syncs every commit to disk, listens on loopback only, and wants a password that is in the folder.
 *
 * <p>A lock on the folder keeps two processes apart. A server that an earlier process left running
 * when it was killed is recognised and stopped first. The server runs in a session of its own, so
 * that Ctrl-C in a terminal reaches this process only, which then stops it last.
 *
 * <p>Used by the thread that composes the process.
 */
public final class EmbeddedPostgresServer implements Lifecycle {
  /** Major version of the binaries in the jar. */
  static final String MAJOR = "18";

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgresServer.class);
  private static final String LOOPBACK = "127.0.0.1";
  private static final String NAME = "noetl";
  private static final int PORT_TRIES = 5;
  private static final long LARGEST_LOG = 10L << 20;
  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration HARD_STOP_BOUND = Duration.ofSeconds(5);

  private final Path folder;
  private final Path data;
  private final Path log;
  private final EmbeddedPostgresConfig config;
  private @Nullable FileChannel lock;
  private @Nullable Postmaster postmaster;
  private Secret password = Secret.NONE;

  /**
   * @param folder belongs to this server alone; made when missing
   */
  public EmbeddedPostgresServer(Path folder, EmbeddedPostgresConfig config) {
    this.folder = folder.toAbsolutePath().normalize();
    this.data = this.folder.resolve("data");
    this.log = this.folder.resolve("postgres.log");
    this.config = config;
  }

  /**
   * @throws DatabaseException when the folder is in use or was written by another major version, or
   *     the server does not start; the message has the last lines of its log
   */
  @Override
  public void start() {
    try {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      lockFolder();
      Path binaries = PostgresBinaries.unpackedIn(config.cacheFolder());
      PostgresPrograms programs = PostgresPrograms.in(binaries, folder);
      stopLeftover();
      initialise(programs);
      launch(programs);
      prepareDatabase();
    } catch (IOException e) {
      throw failed(words(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("it was interrupted", e);
    }
  }

  /** Stops the server after a checkpoint and gives the folder free. */
  @Override
  public void close() {
    try {
      if (postmaster != null) {
        stop(postmaster);
        postmaster = null;
      }
      if (lock != null) {
        lock.close();
        lock = null;
      }
    } catch (IOException e) {
      throw failed("it does not stop: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("it was interrupted while stopping", e);
    }
  }

  /** Where the server listens. */
  public int port() {
    return running().port();
  }

  /** Process id of the server, for a test that wants to see it end. */
  public long pid() {
    return running().pid();
  }

  /** The settings of a component, with this server as the database. */
  public DatabaseConfig database(DatabaseConfig base) {
    return base.at(LOOPBACK, port(), NAME, NAME, password);
  }

  private Postmaster running() {
    if (postmaster == null) {
      throw new IllegalStateException("Expected embedded PostgreSQL to run, but it is not started");
    }
    return postmaster;
  }

  private void lockFolder() throws IOException {
    Path file = folder.resolve("lock");
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // This same process has it.
      held = null;
    }
    if (held == null) {
      channel.close();
      throw new DatabaseException(
          Kind.UNFIT_SERVER,
          "Expected data folder "
              + folder
              + " to be free, but another noetl process uses it. Stop that process, or choose"
              + " another folder with --data");
    }
    // The lock lives as long as the channel is open, and ends with the process however it ends.
    lock = channel;
  }

  private void stopLeftover() throws IOException, InterruptedException {
    Postmaster leftover = Postmaster.of(data).orElse(null);
    if (leftover == null) {
      return;
    }
    if (leftover.alive()) {
      LOG.info(
          "Stopping PostgreSQL (pid={}) that a killed process left in {}", leftover.pid(), data);
      stop(leftover);
    }
    Files.deleteIfExists(data.resolve("postmaster.pid"));
  }

  private void stop(Postmaster server) throws IOException, InterruptedException {
    if (server.stop(Postmaster.Signal.FAST, config.stopTimeout())) {
      return;
    }
    LOG.warn(
        "Expected PostgreSQL (pid={}) to stop within {} ms (embedded-postgres.stop-timeout), but it"
            + " has not; ending it at once, the next start recovers",
        server.pid(),
        config.stopTimeout().toMillis());
    if (!server.stop(Postmaster.Signal.IMMEDIATE, HARD_STOP_BOUND)) {
      throw new IOException("PostgreSQL (pid=" + server.pid() + ") does not end");
    }
  }

  /** Makes the data folder beside its place and renames it, so that half of one is never used. */
  private void initialise(PostgresPrograms programs) throws IOException, InterruptedException {
    Path secretFile = folder.resolve("password");
    Path version = data.resolve("PG_VERSION");
    if (Files.exists(version)) {
      String major = Files.readString(version).strip();
      if (!major.equals(MAJOR)) {
        throw new DatabaseException(
            Kind.UNFIT_SERVER,
            "Expected data folder "
                + folder
                + " of PostgreSQL "
                + MAJOR
                + ", but it was written by PostgreSQL "
                + major
                + ". Use the noetl that wrote it, or choose another folder with --data");
      }
    } else {
      Path beside = folder.resolve("data.new");
      if (Files.exists(beside)) {
        PostgresBinaries.delete(beside);
      }
      writePassword(secretFile);
      programs.initdb(beside, NAME, secretFile);
      Files.move(beside, data, StandardCopyOption.ATOMIC_MOVE);
    }
    password = new Secret(Files.readString(secretFile).strip());
  }

  private static void writePassword(Path file) throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, HexFormat.of().formatHex(random) + "\n");
  }

  private void launch(PostgresPrograms programs) throws IOException, InterruptedException {
    if (Files.exists(log) && Files.size(log) > LARGEST_LOG) {
      Files.move(log, folder.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
    }
    for (int attempt = 1; ; attempt++) {
      int port = config.port() == 0 ? freePort() : config.port();
      Files.writeString(data.resolve("postgresql.conf"), settings(port));
      long logged = Files.exists(log) ? Files.size(log) : 0;
      Process starter = programs.start(data, log, config.startTimeout());
      Postmaster started = awaitReady(starter);
      if (started != null) {
        postmaster = started;
        return;
      }
      // Between choosing a free port and using it somebody else may have taken it.
      boolean portTaken = lastLines(logged).contains("could not create any TCP/IP sockets");
      if (!portTaken || config.port() != 0 || attempt == PORT_TRIES) {
        throw failed("it did not start:\n" + lastLines(logged), null);
      }
    }
  }

  /** The server when it accepts connections, or null when the starter says that it failed. */
  private @Nullable Postmaster awaitReady(Process starter)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + config.startTimeout().toNanos();
    while (true) {
      Postmaster found = Postmaster.of(data).orElse(null);
      if (found != null && found.ready()) {
        return found;
      }
      if (starter.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS) && starter.exitValue() != 0) {
        return null;
      }
      if (System.nanoTime() > deadline) {
        throw failed(
            "it did not accept connections within "
                + config.startTimeout().toMillis()
                + " ms (embedded-postgres.start-timeout); see "
                + log,
            null);
      }
    }
  }

  private void prepareDatabase() {
    DatabaseConfig admin =
        DatabaseConfig.defaults().at(LOOPBACK, port(), "postgres", NAME, password);
    try (Connection connection = Database.connect(admin, "noetl-embedded");
        Statement statement = connection.createStatement()) {
      boolean exists;
      try (ResultSet row =
          statement.executeQuery("select 1 from pg_database where datname = '" + NAME + "'")) {
        exists = row.next();
      }
      if (!exists) {
        statement.execute("create database " + NAME);
      }
    } catch (SQLException e) {
      throw DatabaseErrors.of(e, admin);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Everything that differs from the server's defaults, with the reason. */
  private String settings(int port) {
    return """
    # Written by noetl at each start. Put settings of your own into custom.conf beside this file.
    listen_addresses = '%s'
    port = %d
    unix_socket_directories = ''
    max_connections = %d
    password_encryption = 'scram-sha-256'
    cluster_name = 'noetl'

    # Accepted means durable.
    fsync = on
    synchronous_commit = on
    full_page_writes = on

    # No replica reads this log: write less of it.
    wal_level = minimal
    max_wal_senders = 0
    wal_compression = on
    max_wal_size = %dMB

    # A small machine that serves short statements.
    shared_buffers = %dMB
    jit = off
    autovacuum_naptime = 5s
    max_parallel_workers_per_gather = 0

    timezone = 'UTC'
    log_timezone = 'UTC'
    log_line_prefix = '%%m [%%p] %%a '
    log_checkpoints = off
    include_if_exists = 'custom.conf'
    """
        .formatted(
            LOOPBACK,
            port,
            config.maxConnections(),
            config.maxWalSize() >> 20,
            config.sharedBuffers() >> 20);
  }

  private String lastLines(long from) throws IOException {
    if (!Files.exists(log)) {
      return "(no log)";
    }
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ);
        Stream<String> lines = tail(channel, from).lines()) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - 10), all.size()));
    }
  }

  private static String tail(FileChannel channel, long from) throws IOException {
    long start = Math.max(from, channel.size() - 8_192);
    java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate((int) (channel.size() - start));
    channel.read(bytes, start);
    return new String(bytes.array(), 0, bytes.position(), java.nio.charset.StandardCharsets.UTF_8);
  }

  /** Exceptions about files carry the path alone as their message. */
  private static String words(IOException failure) {
    return switch (failure) {
      case AccessDeniedException denied -> "access to " + denied.getFile() + " is denied";
      case NoSuchFileException missing -> "there is no " + missing.getFile();
      case FileAlreadyExistsException file -> file.getFile() + " is a file";
      case FileSystemException other -> other.getFile() + ": " + other.getReason();
      default -> String.valueOf(failure.getMessage());
    };
  }

  private DatabaseException failed(String why, @Nullable Throwable cause) {
    return new DatabaseException(
        Kind.UNFIT_SERVER,
        "Expected embedded PostgreSQL in " + folder + " to work, but " + why,
        cause,
        null,
        null,
        false);
  }
}
