package io.noetl.tool.nats;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection per identity, shared by its calls. Bounded: when all are in use a call waits, and
 * when some are not the one that was unused longest makes room. Safe for use by many threads.
 */
final class NatsConnections implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NatsConnections.class.getName());

  private final NatsSettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<NatsIdentity, Entry> entries = new HashMap<>();
  private boolean watching;
  private boolean closed;

  NatsConnections(NatsSettings settings) {
    this.settings = settings;
  }

  /** A connection and who uses it. Guarded by the lock. */
  private static final class Entry {
    private @Nullable Connection connection;
    private int users;
    private long idleSince;
    private boolean abandoned;
  }

  /** A connection for the time of one call. */
  final class Lease implements AutoCloseable {
    private final Entry entry;
    private final Connection connection;

    private Lease(Entry entry, Connection connection) {
      this.entry = entry;
      this.connection = connection;
    }

    Connection connection() {
      return connection;
    }

    @Override
    public void close() {
      release(entry, connection);
    }
  }

  /**
   * @param patience longest wait for a place and a connection together
   * @throws TimeoutException when all connections stay in use
   * @throws IOException when the server cannot be reached or refuses
   * @throws IllegalArgumentException when the address is none
   */
  Lease take(NatsIdentity identity, Duration patience)
      throws IOException, InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + patience.toNanos();
    List<Connection> leaving = new ArrayList<>();
    Entry entry;
    lock.lockInterruptibly();
    try {
      while (true) {
        if (closed) {
          throw new InterruptedException("the nats tool was closed");
        }
        Entry known = entries.get(identity);
        if (known != null && known.connection != null) {
          Connection connection = known.connection;
          if (connection.getStatus() == Connection.Status.CONNECTED) {
            known.users++;
            return new Lease(known, connection);
          }
          forget(identity, known).ifPresent(leaving::add);
          continue;
        }
        if (known == null && (entries.size() < settings.maxConnections() || makeRoom(leaving))) {
          entry = new Entry();
          entries.put(identity, entry);
          break;
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new TimeoutException(
              known == null
                  ? "Expected one of "
                      + settings.maxConnections()
                      + " connections (nats.max-connections) to come free, but all stayed in use"
                  : "Connection to " + identity.shownUrl() + " timed out");
        }
        changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
      leaving.forEach(NatsConnections::end);
    }
    return connected(identity, entry, Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
  }

  private Lease connected(NatsIdentity identity, Entry entry, Duration patience)
      throws IOException, InterruptedException {
    Connection connection = null;
    try {
      connection = Nats.connect(options(identity, patience));
    } finally {
      lock.lock();
      try {
        if (connection == null || closed) {
          entries.remove(identity, entry);
        } else {
          entry.connection = connection;
          entry.users = 1;
          watch();
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
    if (isClosed()) {
      end(connection);
      throw new InterruptedException("the nats tool was closed");
    }
    return new Lease(entry, connection);
  }

  private Options options(NatsIdentity identity, Duration patience) {
    Duration limit =
        patience.compareTo(settings.connectTimeout()) < 0 ? patience : settings.connectTimeout();
    Options.Builder options =
        new Options.Builder()
            .servers(identity.url().split("\\s*,\\s*"))
            .connectionName("noetl nats step")
            .connectionTimeout(Math.max(1, limit.toMillis()))
            // A broken connection fails its calls at once, and the next call makes a new one.
            .noReconnect()
            .errorListener(new Quiet());
    String user = identity.user();
    String token = identity.token();
    if (user != null) {
      String password = identity.password();
      options.userInfo(user.toCharArray(), password == null ? new char[0] : password.toCharArray());
    } else if (token != null) {
      options.token(token.toCharArray());
    }
    return options.build();
  }

  /** What goes wrong is told by the calls that it happens to. */
  private static final class Quiet implements ErrorListener {}

  private void release(Entry entry, Connection connection) {
    boolean last;
    lock.lock();
    try {
      entry.users--;
      entry.idleSince = System.nanoTime();
      last = entry.users == 0 && entry.abandoned;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (last) {
      end(connection);
    }
  }

  /** Takes the entry out; gives its connection when nobody uses it any more. */
  private Optional<Connection> forget(NatsIdentity identity, Entry entry) {
    entries.remove(identity, entry);
    entry.abandoned = true;
    return entry.users == 0 ? Optional.ofNullable(entry.connection) : Optional.empty();
  }

  private boolean makeRoom(List<Connection> leaving) {
    Optional<Map.Entry<NatsIdentity, Entry>> oldest =
        entries.entrySet().stream()
            .filter(each -> each.getValue().users == 0 && each.getValue().connection != null)
            .min(Comparator.comparingLong(each -> each.getValue().idleSince - System.nanoTime()));
    oldest.flatMap(each -> forget(each.getKey(), each.getValue())).ifPresent(leaving::add);
    return oldest.isPresent();
  }

  /** Starts the thread that closes unused connections; it ends when there are none. */
  private void watch() {
    if (!watching) {
      watching = true;
      Thread.ofVirtual().name("nats-idle").start(this::closeUnused);
    }
  }

  private void closeUnused() {
    try {
      while (true) {
        List<Connection> leaving = new ArrayList<>();
        lock.lockInterruptibly();
        try {
          if (entries.isEmpty()) {
            watching = false;
            return;
          }
          long wait = unused(leaving);
          if (leaving.isEmpty()) {
            changed.awaitNanos(wait);
          } else {
            changed.signalAll();
          }
        } finally {
          lock.unlock();
        }
        leaving.forEach(NatsConnections::end);
      }
    } catch (InterruptedException e) {
      LOG.log(System.Logger.Level.DEBUG, "idle nats connections are no longer watched", e);
    }
  }

  /** Takes out what was unused for too long; gives the nanoseconds until the next may be. */
  private long unused(List<Connection> leaving) {
    long idle = settings.idleTimeout().toNanos();
    long now = System.nanoTime();
    long next = TimeUnit.HOURS.toNanos(1);
    Iterator<Entry> all = entries.values().iterator();
    while (all.hasNext()) {
      Entry entry = all.next();
      Connection connection = entry.connection;
      if (connection == null || entry.users > 0) {
        continue;
      }
      long left = entry.idleSince + idle - now;
      if (left <= 0) {
        all.remove();
        leaving.add(connection);
      } else {
        next = Math.min(next, left);
      }
    }
    return next;
  }

  /** Connections that are open or being opened; for tests. */
  int size() {
    lock.lock();
    try {
      return entries.size();
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private static void end(Connection connection) {
    try {
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes all; calls that use them fail, calls that wait are interrupted. */
  @Override
  public void close() {
    List<Connection> leaving = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      entries
          .values()
          .forEach(
              entry -> {
                if (entry.connection != null) {
                  leaving.add(entry.connection);
                }
              });
      entries.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    leaving.forEach(NatsConnections::end);
  }
}
