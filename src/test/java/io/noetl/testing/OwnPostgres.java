package io.noetl.testing;

import io.noetl.config.DatabaseConfig;
import io.noetl.config.EmbeddedPostgresConfig;
import io.noetl.postgres.EmbeddedPostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A real PostgreSQL 18 that one test class has for itself, because it makes it crash. Commits are
 * synced to disk, as everywhere. Not thread-safe.
 */
public final class OwnPostgres implements AutoCloseable {
  private static final Duration CRASH = Duration.ofSeconds(20);

  private final Path folder;
  private EmbeddedPostgresServer server;
  private final DatabaseConfig config;

  /** Starts it, with an empty database. */
  public OwnPostgres() {
    try {
      folder = Files.createTempDirectory("noetl-own-postgres-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server = new EmbeddedPostgresServer(folder, EmbeddedPostgresConfig.defaults());
    server.start();
    config = server.database(DatabaseConfig.defaults());
    TestServers.used("PostgreSQL embedded, one more that a test makes crash (fsync on)");
  }

  /** How to reach it; the same after every restart. */
  public DatabaseConfig config() {
    return config;
  }

  /** An immediate stop: every connection is cut, and the next start recovers from the log. */
  public void crash() {
    ProcessHandle postmaster = ProcessHandle.of(server.pid()).orElseThrow();
    signal(postmaster, "QUIT");
    Waiting.until(CRASH, () -> "PostgreSQL runs", () -> !postmaster.isAlive());
    // Gives the folder's lock free; there is nothing left to stop.
    server.close();
  }

  /** Starts again after {@link #crash}, on the same port and data. */
  public void restart() {
    EmbeddedPostgresConfig defaults = EmbeddedPostgresConfig.defaults();
    server =
        new EmbeddedPostgresServer(
            folder,
            new EmbeddedPostgresConfig(
                config.port(),
                defaults.cacheFolder(),
                defaults.sharedBuffers(),
                defaults.maxWalSize(),
                defaults.maxConnections(),
                defaults.startTimeout(),
                defaults.stopTimeout()));
    server.start();
  }

  private static void signal(ProcessHandle process, String signal) {
    try {
      int exit =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
              .inheritIO()
              .start()
              .waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill ended with " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.close();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
