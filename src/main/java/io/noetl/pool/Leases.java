package io.noetl.pool;

import io.noetl.envelope.Ids;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the leases of everything that runs: one heartbeat for all, every third of the lease, or of
 * the server's when that is shorter, since commands that are handed back have the latter. A command
 * whose lease is lost, or that was cancelled, has its thread interrupted.
 */
final class Leases {
  private static final Logger log = LoggerFactory.getLogger(Leases.class);

  private static final Duration LOOK = Duration.ofSeconds(1);

  private final ServerClient server;
  private final String workerId;
  private final Duration lease;
  private volatile Duration shortest;
  private final Map<Long, Held> running = new ConcurrentHashMap<>();
  private volatile boolean closing;
  private volatile @Nullable Thread thread;

  /** A command that runs in this process. */
  static final class Held {
    private final Claimed command;
    private final Thread thread;
    private boolean toolEnded;
    private volatile boolean lost;

    Held(Claimed command, Thread thread) {
      this.command = command;
      this.thread = thread;
    }

    /** Whether the lease was lost or the command cancelled; its result is nobody's any more. */
    boolean lost() {
      return lost;
    }

    Claimed command() {
      return command;
    }

    /** Interrupts the tool, unless its thread has gone on to something else. */
    synchronized void interrupt() {
      if (!toolEnded) {
        thread.interrupt();
      }
    }

    /**
     * The tool has ended: what follows is the report, which a heartbeat must not cut off. For the
     * server settles the command before its answer arrives, so a heartbeat in between says that it
     * is gone; and the answer may hand back the next command, which nobody else knows of.
     */
    synchronized void toolEnded() {
      toolEnded = true;
      // One that came too late for the tool is not for the report.
      Thread.interrupted();
    }

    /**
     * @return false when the tool has ended: the answer to its report says what becomes of it
     */
    private synchronized boolean lose() {
      if (toolEnded) {
        return false;
      }
      lost = true;
      thread.interrupt();
      return true;
    }
  }

  Leases(ServerClient server, String workerId, Duration lease) {
    this.server = server;
    this.workerId = workerId;
    this.lease = lease;
    this.shortest = lease;
  }

  /** The server has said how long its own leases are. */
  void serverLease(Duration own) {
    shortest = own.compareTo(lease) < 0 ? own : lease;
  }

  void start() {
    thread = Thread.ofVirtual().name("leases").start(this::run);
  }

  /** The command runs on the calling thread from now on. */
  Held hold(Claimed command) {
    Held held = new Held(command, Thread.currentThread());
    running.put(command.commandId(), held);
    return held;
  }

  void end(Held held) {
    running.remove(held.command().commandId(), held);
  }

  List<Held> held() {
    return List.copyOf(running.values());
  }

  void close() {
    closing = true;
    Thread beating = thread;
    if (beating != null) {
      beating.interrupt();
    }
  }

  private void run() {
    long last = System.nanoTime();
    while (!closing) {
      try {
        Duration pause = shortest.dividedBy(3);
        // The lease may turn out to be shorter while this thread sleeps.
        Thread.sleep(pause.compareTo(LOOK) < 0 ? pause : LOOK);
        if (System.nanoTime() - last >= pause.toNanos()) {
          last = System.nanoTime();
          beat();
        }
      } catch (InterruptedException e) {
        closing = true;
      } catch (UnreachableException e) {
        // The lease may survive until the next beat; if not, the server will say so then.
        log.warn("heartbeat failed: {}", e.getMessage());
      } catch (RuntimeException e) {
        // A reply that cannot be read must not end the loop that keeps every lease.
        log.error("heartbeat failed", e);
      }
    }
  }

  private void beat() {
    List<Held> beating = held();
    if (beating.isEmpty()) {
      return;
    }
    List<@Nullable Object> commands = new ArrayList<>();
    for (Held held : beating) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("command_id", Ids.text(held.command().commandId()));
      entry.put("execution_id", Ids.text(held.command().executionId()));
      entry.put("fence", held.command().fence());
      commands.add(entry);
    }
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("worker_id", workerId);
    body.put("lease_seconds", lease.toSeconds());
    body.put("commands", commands);
    Reply reply = server.post("/api/commands/heartbeat", body);
    if (!reply.ok() || !(reply.body().get("commands") instanceof List<?> answers)) {
      log.warn("heartbeat refused: {}", reply.error());
      return;
    }
    for (Object answer : answers) {
      if (answer instanceof Map<?, ?> map
          && (!"ok".equals(map.get("status")) || Boolean.TRUE.equals(map.get("cancel")))) {
        lose(Ids.parse(map.get("command_id"), "command_id"), String.valueOf(map.get("status")));
      }
    }
  }

  private void lose(long commandId, String status) {
    Held held = running.get(commandId);
    if (held != null && held.lose()) {
      log.info("command {} is no longer ours ({}), it was stopped", commandId, status);
    }
  }
}
