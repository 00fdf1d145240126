package io.noetl.pool;

import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Backoff;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the server that this worker is there, again and again. */
final class Registration {
  private static final Logger log = LoggerFactory.getLogger(Registration.class);
  private static final Duration EVERY = Duration.ofSeconds(15);

  private final ServerClient server;
  private final PoolSettings settings;
  private final Leases leases;
  private final Map<String, @Nullable Object> record;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition registration = lock.newCondition();
  private volatile boolean closing;
  private volatile boolean registered;
  private volatile @Nullable String problem = "not registered yet";
  private volatile @Nullable Thread thread;

  /**
   * @param leases told the server's lease at each registration
   */
  Registration(ServerClient server, PoolSettings settings, Leases leases) {
    this.server = server;
    this.leases = leases;
    this.settings = settings;
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("name", settings.workerId());
    body.put("kind", "worker_pool");
    body.put("pool", settings.pool());
    body.put("status", "ready");
    body.put("capacity", settings.slots());
    body.put("capabilities", settings.capabilities());
    body.put("labels", settings.labels());
    body.put("pid", ProcessHandle.current().pid());
    this.record = body;
  }

  void start() {
    thread = Thread.ofVirtual().name("registration").start(this::run);
  }

  /**
   * Waits until the worker is registered; returns at once when it is.
   *
   * @return false when the time is over first
   */
  boolean await(Duration atMost) throws InterruptedException {
    if (registered) {
      return true;
    }
    long left = atMost.toNanos();
    lock.lock();
    try {
      while (!registered && left > 0) {
        left = registration.awaitNanos(left);
      }
      return registered;
    } finally {
      lock.unlock();
    }
  }

  private void become(boolean now) {
    lock.lock();
    try {
      registered = now;
      registration.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Why the worker is not registered, or null when it is. */
  @Nullable String problem() {
    return problem;
  }

  private void run() {
    Backoff backoff =
        new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5), RandomGenerator.getDefault());
    while (!closing) {
      try {
        // A worker that is not registered pulls nothing, so a lost registration is made at once.
        if (registered ? beat() : register()) {
          backoff.reset();
          Thread.sleep(EVERY);
        } else {
          Thread.sleep(backoff.next());
        }
      } catch (InterruptedException e) {
        closing = true;
      }
    }
  }

  private boolean register() {
    try {
      Reply reply = server.post("/api/worker/pool/register", record);
      if (reply.ok()) {
        if (reply.body().get("lease_seconds") instanceof Number seconds) {
          leases.serverLease(Duration.ofSeconds(Math.max(1, seconds.longValue())));
        }
        become(true);
        problem = null;
        log.info("registered as {} for pool {}", settings.workerId(), settings.pool());
        return true;
      }
      note("server refused the registration: " + reply.error());
    } catch (UnreachableException e) {
      note(e.getMessage());
    }
    return false;
  }

  private void note(@Nullable String what) {
    if (what != null && !what.equals(problem)) {
      log.warn("{}", what);
    }
    problem = what;
  }

  private boolean beat() {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("name", settings.workerId());
    body.put("kind", "worker_pool");
    body.put("registration", record);
    try {
      Reply reply = server.post("/api/worker/pool/heartbeat", body);
      if (reply.ok()) {
        return true;
      }
      note("server refused the heartbeat: " + reply.error());
    } catch (UnreachableException e) {
      note(e.getMessage());
    }
    become(false);
    return false;
  }

  void close() {
    closing = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
    if (registered) {
      Map<String, @Nullable Object> body = new LinkedHashMap<>();
      body.put("name", settings.workerId());
      body.put("kind", "worker_pool");
      try {
        server.post("/api/worker/pool/deregister", body);
      } catch (UnreachableException e) {
        log.info("goodbye did not arrive: {}", e.getMessage());
      }
    }
  }
}
