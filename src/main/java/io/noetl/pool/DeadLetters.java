package io.noetl.pool;

import io.noetl.bus.BusMessage;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends hints that can never be handled: recorded at the server first, then ended at the bus. One
 * that cannot be recorded now comes again.
 */
final class DeadLetters {
  private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final int MAX_BODY = 4_096;
  private static final int MAX_REASON = 1_000;

  private final ServerClient server;
  private final PoolSettings settings;

  DeadLetters(ServerClient server, PoolSettings settings) {
    this.server = server;
    this.settings = settings;
  }

  /**
   * @param reason why nobody can handle it
   * @return whether it is ended; else it comes again
   */
  boolean end(BusMessage message, String reason) {
    log.error("hint on {} can never be handled: {}", message.subject(), reason);
    try {
      Reply reply = server.post("/api/dead-messages", body(message, reason));
      if (reply.passing()) {
        log.warn("hint on {} is recorded later: {}", message.subject(), reply.error());
        message.nak(AGAIN);
        return false;
      }
      if (!reply.ok()) {
        log.error("hint on {} was not recorded: {}", message.subject(), reply.error());
      }
    } catch (UnreachableException e) {
      log.warn("hint on {} is recorded later: {}", message.subject(), e.getMessage());
      message.nak(AGAIN);
      return false;
    }
    message.term();
    return true;
  }

  private Map<String, @Nullable Object> body(BusMessage message, String reason) {
    String text = new String(message.body(), StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("worker_id", settings.workerId());
    body.put("subject", message.subject());
    body.put("body", text.length() <= MAX_BODY ? text : text.substring(0, MAX_BODY));
    body.put("reason", reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON));
    body.put("command_id", id(message, "command_id"));
    body.put("execution_id", id(message, "execution_id"));
    return body;
  }

  /** What the hint names, as far as it can be read. */
  private static @Nullable String id(BusMessage message, String name) {
    try {
      return Ids.text(Ids.parse(Json.parseObject(message.body()).get(name), name));
    } catch (JsonException | Ids.BadIdException e) {
      // Its content is recorded as it is.
      return null;
    }
  }
}
