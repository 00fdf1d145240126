package io.noetl.pool;

import io.noetl.envelope.EventType;
import io.noetl.envelope.Ids;
import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import io.noetl.pool.PoolMetrics.ReportAnswer;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Backoff;
import io.noetl.tool.sequence.CommandResult;
import io.noetl.tool.sequence.CtxWrite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delivers the end of a command to the server, as often as it takes. */
final class Reporter {
  private static final Logger log = LoggerFactory.getLogger(Reporter.class);

  private final GatheredCalls server;
  private final PoolSettings settings;
  private final PoolMetrics metrics;

  Reporter(GatheredCalls server, PoolSettings settings, PoolMetrics metrics) {
    this.server = server;
    this.settings = settings;
    this.metrics = metrics;
  }

  /**
   * Reports until the server has answered or the lease is lost.
   *
   * @param room commands that this worker can take in exchange
   * @return the commands that came back, already claimed
   */
  List<Claimed> report(Leases.Held held, CommandResult finished, int room)
      throws InterruptedException {
    Claimed command = held.command();
    Map<String, @Nullable Object> body = body(command, finished, room);
    Backoff backoff =
        new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10), RandomGenerator.getDefault());
    while (!held.lost()) {
      try {
        Reply reply = server.post(command.tenantId(), "/api/events", body);
        if (reply.ok()) {
          metrics.report(ReportAnswer.ACCEPTED);
          return commands(reply);
        }
        switch (reply.status()) {
          case 404, 409 -> {
            metrics.report(ReportAnswer.LOST);
            log.info(
                "report of command {} was not wanted any more: {}",
                command.commandId(),
                reply.error());
            return List.of();
          }
          case 413 -> {
            // The data is too large for an event: the step must fail aloud, not hang.
            body = body(command, tooLarge(reply.error()), room);
            continue;
          }
          case 400, 422 -> {
            metrics.report(ReportAnswer.DROPPED);
            log.error("report of command {} was refused: {}", command.commandId(), reply.error());
            return List.of();
          }
          default -> {
            log.warn("report of command {} is repeated: {}", command.commandId(), reply.error());
            Thread.sleep(
                reply.retryAfterSeconds() == null
                    ? backoff.next()
                    : Duration.ofSeconds(reply.retryAfterSeconds()));
          }
        }
      } catch (UnreachableException e) {
        log.warn("report of command {} is repeated: {}", command.commandId(), e.getMessage());
        Thread.sleep(backoff.next());
      }
    }
    metrics.report(ReportAnswer.LOST);
    return List.of();
  }

  private Map<String, @Nullable Object> body(Claimed command, CommandResult finished, int room) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("execution_id", Ids.text(command.executionId()));
    body.put(
        "event_type",
        finished.outcome().succeeded() ? EventType.COMMAND_COMPLETED : EventType.COMMAND_FAILED);
    body.put("step", command.step());
    body.put("command_id", Ids.text(command.commandId()));
    body.put("worker_id", settings.workerId());
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("fence", command.fence());
    meta.put("attempt", command.attempt());
    if (command.claimedAt() != null) {
      meta.put("claimed_at", command.claimedAt().toString());
    }
    body.put("meta", meta);
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    context.put("result", finished.outcome().toMap());
    if (!finished.writes().isEmpty()) {
      List<@Nullable Object> writes = new ArrayList<>();
      for (CtxWrite write : finished.writes()) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("path", write.path());
        entry.put("value", write.value());
        writes.add(entry);
      }
      context.put("writes", writes);
    }
    body.put("context", context);
    if (room > 0) {
      Map<String, @Nullable Object> take = new LinkedHashMap<>();
      take.put("worker_id", settings.workerId());
      take.put("pool", settings.pool());
      take.put("max", room);
      body.put("take", take);
    }
    return body;
  }

  private static CommandResult tooLarge(String sentence) {
    return new CommandResult(
        Outcome.hard(Errors.of("result", "RESULT_TOO_LARGE", sentence, false)), List.of());
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private List<Claimed> commands(Reply reply) {
    List<Claimed> commands = new ArrayList<>();
    if (reply.body().get("commands") instanceof List<?> answers) {
      for (Object answer : answers) {
        if (answer instanceof Map<?, ?> map) {
          commands.add(Claimed.of((Map<String, @Nullable Object>) map));
        }
      }
    }
    metrics.handedBack(commands.size());
    return commands;
  }

  /** Gives a command back unfinished, without counting the attempt. */
  void release(Claimed command, String reason, Duration delay) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("worker_id", settings.workerId());
    body.put("fence", command.fence());
    body.put("reason", reason);
    body.put("delay_seconds", delay.toSeconds());
    try {
      Reply reply =
          server.post(
              command.tenantId(),
              "/api/commands/" + Ids.text(command.commandId()) + "/release",
              body);
      if (!reply.ok()) {
        log.info("command {} was not given back: {}", command.commandId(), reply.error());
      }
    } catch (UnreachableException e) {
      // Its lease runs out and the server offers it again.
      log.warn("command {} was not given back: {}", command.commandId(), e.getMessage());
    }
  }
}
