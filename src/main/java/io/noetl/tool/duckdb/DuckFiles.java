package io.noetl.tool.duckdb;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Lets one call at a time into each database file. Safe for use by many threads. */
final class DuckFiles {
  private final Map<Path, Entry> entries = new HashMap<>();

  private static final class Entry {
    private final Semaphore free = new Semaphore(1, true);
    private int users;
  }

  /**
   * Waits for the file.
   *
   * @param limit null = as long as it takes
   * @return whether it is ours now
   */
  boolean enter(Path file, @Nullable Duration limit) throws InterruptedException {
    Entry entry;
    synchronized (this) {
      entry = entries.computeIfAbsent(file, _ -> new Entry());
      entry.users++;
    }
    boolean entered = false;
    try {
      entered = acquire(entry.free, limit);
      return entered;
    } finally {
      if (!entered) {
        forget(file, entry);
      }
    }
  }

  void leave(Path file) {
    Entry entry;
    synchronized (this) {
      entry = entries.get(file);
    }
    if (entry == null) {
      throw new IllegalStateException("A file was left that nobody had entered: " + file);
    }
    entry.free.release();
    forget(file, entry);
  }

  private synchronized void forget(Path file, Entry entry) {
    entry.users--;
    if (entry.users == 0) {
      entries.remove(file);
    }
  }

  /** Files that are in use or waited for. */
  synchronized int size() {
    return entries.size();
  }

  static boolean acquire(Semaphore free, @Nullable Duration limit) throws InterruptedException {
    if (limit == null) {
      free.acquire();
      return true;
    }
    return free.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS);
  }
}
