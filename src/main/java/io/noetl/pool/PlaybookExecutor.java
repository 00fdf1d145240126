package io.noetl.pool;

import io.noetl.envelope.Ids;
import io.noetl.execution.Awaited.Until;
import io.noetl.execution.ChildCalls;
import io.noetl.execution.ChildOutcome;
import io.noetl.playbook.Durations;
import io.noetl.playbook.value.Outcome;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.support.Backoff;
import io.noetl.tool.ToolCall;
import io.noetl.tool.ToolExecutor;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs calls of kind {@code playbook} inside a sequence, or with a policy, which a worker
 * evaluates. All others are the server's, which holds nothing while it waits.
 *
 * <p>A sequence is one command on one worker, so its thread follows the child, without a slot. A
 * command that is delivered again finds the child that it has started before, because the start
 * carries a key made of the command and the number of the run.
 */
public final class PlaybookExecutor implements ToolExecutor {
  private static final Logger log = LoggerFactory.getLogger(PlaybookExecutor.class);

  /** How long one request waits for the child's end. */
  private static final Duration LOOK = Duration.ofSeconds(15);

  private final ServerClient server;
  private final Parking parking;

  public PlaybookExecutor(ServerClient server, Parking parking) {
    this.server = server;
    this.parking = parking;
  }

  @Override
  public Outcome run(ToolCall call) throws InterruptedException {
    return switch (ChildCalls.read(call.fields(), call.input())) {
      case ChildCalls.Unclear(Outcome outcome) -> outcome;
      case ChildCalls.Call asked -> run(call, asked);
    };
  }

  private Outcome run(ToolCall call, ChildCalls.Call asked) throws InterruptedException {
    long begun = System.nanoTime();
    ServerClient own = server.as(call.identity().tenantId());
    Reply started = patiently(() -> own.post("/api/execute", start(call, asked)));
    Object id = started.body().get("execution_id");
    if (id == null) {
      return ChildOutcome.refused(started.error());
    }
    // Also after a refusal that names an execution: an earlier delivery of this command began it,
    // with a payload that was rendered differently.
    long child = Ids.parse(id, "execution_id");
    if (asked.until() == Until.STARTED) {
      return outcome(patiently(() -> ask(own, child, asked, Duration.ZERO)));
    }
    Duration limit = limit(call, asked);
    return parking.without(
        () -> {
          while (true) {
            Duration left = limit.minusNanos(System.nanoTime() - begun);
            if (!left.isPositive()) {
              return ChildOutcome.timedOut(asked.until(), child, Durations.seconds(limit));
            }
            Duration look = left.compareTo(LOOK) < 0 ? left : LOOK;
            Reply reply = patiently(() -> ask(own, child, asked, look));
            if (!reply.ok() || reply.body().containsKey("outcome")) {
              return outcome(reply);
            }
          }
        });
  }

  private static Duration limit(ToolCall call, ChildCalls.Call asked) {
    Duration own = asked.timeout();
    Duration given = call.timeout();
    if (own == null) {
      throw new IllegalStateException("Expected a limit for waiting until " + asked.until());
    }
    return given != null && given.compareTo(own) < 0 ? given : own;
  }

  private static Map<String, @Nullable Object> start(ToolCall call, ChildCalls.Call asked) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    if (asked.path() != null) {
      body.put("path", asked.path());
    }
    if (asked.catalogId() != null) {
      body.put("catalog_id", Ids.text(asked.catalogId()));
    }
    if (asked.version() != null) {
      body.put("version", asked.version());
    }
    body.put("payload", asked.payload());
    ToolCall.Identity self = call.identity();
    body.put("parent_execution_id", self.executionId());
    body.put("dedup", Map.of("key", "child:" + self.commandId() + ":" + self.run()));
    return body;
  }

  private static Reply ask(ServerClient server, long child, ChildCalls.Call asked, Duration wait) {
    StringBuilder path =
        new StringBuilder("/api/executions/")
            .append(Ids.text(child))
            .append("/outcome?until=")
            .append(asked.until().name().toLowerCase(Locale.ROOT))
            .append("&wait_ms=")
            .append(Math.max(1, wait.toMillis()));
    if (asked.step() != null) {
      path.append("&step=").append(URLEncoder.encode(asked.step(), StandardCharsets.UTF_8));
    }
    return server.get(path.toString());
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static Outcome outcome(Reply reply) {
    return reply.ok() && reply.body().get("outcome") instanceof Map<?, ?> map
        ? Outcome.fromMap((Map<String, @Nullable Object>) map)
        : ChildOutcome.refused(reply.error());
  }

  private interface Asking {
    Reply ask();
  }

  /** Asks until the server answers for itself; ends with the command, whose end interrupts. */
  private static Reply patiently(Asking asking) throws InterruptedException {
    Backoff backoff =
        new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5), RandomGenerator.getDefault());
    while (true) {
      try {
        Reply reply = asking.ask();
        if (!reply.passing()) {
          return reply;
        }
        log.warn("{}, trying again", reply.error());
      } catch (UnreachableException e) {
        log.warn("{}, trying again", e.getMessage());
      }
      Thread.sleep(backoff.next());
    }
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
