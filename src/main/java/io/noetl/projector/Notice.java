package io.noetl.projector;

import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a message says: an execution has come to a position.
 *
 * @param createdAt when the event was decided
 */
record Notice(long executionId, int seq, Instant createdAt) {

  /**
   * @param body an event envelope
   * @throws IllegalArgumentException when it is none; the message says why
   */
  static Notice of(byte[] body) {
    try {
      Map<String, @Nullable Object> envelope = Json.parseObject(body);
      if (!(envelope.get("seq") instanceof Long seq) || seq < 1 || seq > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("seq is missing or no position");
      }
      if (!(envelope.get("created_at") instanceof String createdAt)) {
        throw new IllegalArgumentException("created_at is missing");
      }
      return new Notice(
          Ids.parse(envelope.get("execution_id"), "execution_id"),
          seq.intValue(),
          Instant.parse(createdAt));
    } catch (JsonException | Ids.BadIdException | DateTimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
