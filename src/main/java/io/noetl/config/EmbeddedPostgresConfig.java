package io.noetl.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The PostgreSQL server that mode {@code all} brings when none is configured.
 *
 * @param port 0 for any free port
 * @param cacheFolder where the server's binaries are unpacked, once per version
 * @param sharedBuffers memory of the server's page cache, in bytes
 * @param maxWalSize size of the write-ahead log at which a checkpoint starts, in bytes
 * @param startTimeout how long the server may take to start, recovery included
 * @param stopTimeout how long the server may take to stop before it is ended the hard way
 */
public record EmbeddedPostgresConfig(
    int port,
    Path cacheFolder,
    long sharedBuffers,
    long maxWalSize,
    int maxConnections,
    Duration startTimeout,
    Duration stopTimeout) {

  public EmbeddedPostgresConfig {
    new Checks("embedded-postgres")
        .range("port", port, 0, 65_535)
        .bytes("shared-buffers", sharedBuffers, 1L << 20, 64L << 30)
        .bytes("max-wal-size", maxWalSize, 64L << 20, 1L << 40)
        .range("max-connections", maxConnections, 10, 2000)
        .range("start-timeout", startTimeout, Duration.ofSeconds(1), Duration.ofHours(1))
        .range("stop-timeout", stopTimeout, Duration.ofSeconds(1), Duration.ofMinutes(10))
        .done();
  }

  static EmbeddedPostgresConfig from(Values values) {
    return new EmbeddedPostgresConfig(
        values.integer("port", 0, "Port of the embedded PostgreSQL on loopback; 0: any free one"),
        values.path(
            "cache-folder",
            Texts.path("~/.cache/noetl"),
            "Where the embedded PostgreSQL's binaries are unpacked, once per version"),
        values.bytes("shared-buffers", 128L << 20, "Page cache of the embedded PostgreSQL"),
        values.bytes("max-wal-size", 1L << 30, "Write-ahead log between checkpoints, at most"),
        values.integer("max-connections", 100, "Most connections to the embedded PostgreSQL"),
        values.duration(
            "start-timeout",
            Duration.ofSeconds(60),
            "How long it may take to start, with recovery"),
        values.duration("stop-timeout", Duration.ofSeconds(20), "How long it may take to stop"));
  }

  /** The values that hold when nothing is set. */
  public static EmbeddedPostgresConfig defaults() {
    return from(Values.defaults("embedded-postgres"));
  }
}
