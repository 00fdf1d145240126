package io.noetl.tool.duckdb;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/**
 * Opens databases: at most so many at once, and each file once at a time. Safe for use by many
 * threads.
 */
public final class DuckdbAccess {
  private final DuckdbSettings settings;
  private final Semaphore slots;
  private final DuckFiles files = new DuckFiles();

  public DuckdbAccess(DuckdbSettings settings) {
    this.settings = settings;
    this.slots = new Semaphore(settings.maxConcurrent(), true);
  }

  public DuckdbSettings settings() {
    return settings;
  }

  /** The right to open databases, until it is closed. */
  public final class Entry implements AutoCloseable {
    private final List<Path> files = new ArrayList<>();
    private boolean slot;

    @Override
    public void close() {
      if (slot) {
        slots.release();
        slot = false;
      }
      files.forEach(DuckdbAccess.this.files::leave);
      files.clear();
    }
  }

  /**
   * Waits until the files are free and not too many calls run.
   *
   * @param limit null = as long as it takes
   * @param plans of all databases that the call opens
   * @return null when the limit has passed
   */
  public @Nullable Entry enter(@Nullable Duration limit, List<DuckdbPlan> plans)
      throws InterruptedException {
    long start = System.nanoTime();
    // In order, so that two calls never wait for each other.
    SortedSet<Path> wanted = new TreeSet<>();
    for (DuckdbPlan plan : plans) {
      Path file = plan.file();
      if (file != null) {
        wanted.add(file);
      }
    }
    Entry entry = new Entry();
    boolean entered = false;
    try {
      for (Path file : wanted) {
        if (!files.enter(file, left(limit, start))) {
          return null;
        }
        entry.files.add(file);
      }
      entry.slot = DuckFiles.acquire(slots, left(limit, start));
      entered = entry.slot;
      return entered ? entry : null;
    } finally {
      if (!entered) {
        entry.close();
      }
    }
  }

  private static @Nullable Duration left(@Nullable Duration limit, long start) {
    return limit == null ? null : limit.minusNanos(System.nanoTime() - start);
  }

  /** Opens the database and attaches what the plan names. On a thread that may be held up. */
  public Connection open(DuckdbPlan plan) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("memory_limit", (settings.memoryLimit() >> 10) + "KiB");
    properties.setProperty("temp_directory", settings.tempFolder().toString());
    properties.setProperty(
        "autoinstall_known_extensions", String.valueOf(settings.downloadExtensions()));
    // Rows come in portions instead of all at once.
    properties.setProperty("jdbc_stream_results", "true");
    if (settings.threads() > 0) {
      properties.setProperty("threads", String.valueOf(settings.threads()));
    }
    if (!settings.extensionFolder().isBlank()) {
      properties.setProperty("extension_directory", settings.extensionFolder());
    }
    Path file = plan.file();
    if (file != null && plan.readOnly()) {
      properties.setProperty("duckdb.read_only", "true");
    }
    Connection connection =
        new DuckDBDriver().connect("jdbc:duckdb:" + (file == null ? "" : file), properties);
    boolean ready = false;
    try {
      DuckAttach attach = new DuckAttach(connection, settings.downloadExtensions());
      for (DuckAttach.Source source : plan.sources()) {
        attach.attach(source, plan.readOnly());
      }
      DuckdbPlan.Lake lake = plan.lake();
      if (lake != null) {
        attach.lake(lake.name(), lake.catalog(), lake.dataPath(), plan.readOnly(), lake.secrets());
      }
      ready = true;
      return connection;
    } finally {
      if (!ready) {
        connection.close();
      }
    }
  }
}
