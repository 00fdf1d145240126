package io.noetl.pool;

import io.noetl.envelope.EventType;
import io.noetl.envelope.Ids;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Backoff;
import io.noetl.tool.PutAside;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives commands back whose work goes on outside, with what the next worker needs to look at it. A
 * worker that dies before leaves a lease that runs out: the next one finds what was begun.
 */
final class Asides {
  private static final Logger log = LoggerFactory.getLogger(Asides.class);

  private final ServerClient server;
  private final String workerId;

  Asides(ServerClient server, String workerId) {
    this.server = server;
    this.workerId = workerId;
  }

  /** Tells until the server has answered or the lease is lost. */
  void put(Leases.Held held, PutAside aside) throws InterruptedException {
    Claimed command = held.command();
    if (command.parked().isEmpty() && !told(held, "/api/events", dispatched(command, aside))) {
      return;
    }
    String path = "/api/commands/" + Ids.text(command.commandId()) + "/release";
    if (told(held, path, release(command, aside))) {
      log.debug("command {} is put aside", command.commandId());
    }
  }

  private Map<String, @Nullable Object> dispatched(Claimed command, PutAside aside) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("execution_id", Ids.text(command.executionId()));
    body.put("event_type", EventType.CONTAINER_DISPATCHED);
    body.put("step", command.step());
    body.put("command_id", Ids.text(command.commandId()));
    body.put("worker_id", workerId);
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("fence", command.fence());
    meta.put("attempt", command.attempt());
    body.put("meta", meta);
    body.put("context", aside.goesOn());
    return body;
  }

  private Map<String, @Nullable Object> release(Claimed command, PutAside aside) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("worker_id", workerId);
    body.put("fence", command.fence());
    body.put("reason", "goes on outside");
    body.put("delay_ms", aside.look().toMillis());
    body.put("parked", aside.goesOn());
    return body;
  }

  /** False when the command is not this worker's any more. */
  private boolean told(Leases.Held held, String path, Map<String, @Nullable Object> body)
      throws InterruptedException {
    long command = held.command().commandId();
    Backoff backoff =
        new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10), RandomGenerator.getDefault());
    while (!held.lost()) {
      try {
        Reply reply = server.as(held.command().tenantId()).post(path, body);
        if (reply.ok()) {
          return true;
        }
        if (!reply.passing()) {
          log.info("command {} was not put aside: {}", command, reply.error());
          return false;
        }
        log.warn("command {} is put aside again: {}", command, reply.error());
      } catch (UnreachableException e) {
        log.warn("command {} is put aside again: {}", command, e.getMessage());
      }
      Thread.sleep(backoff.next());
    }
    return false;
  }
}
