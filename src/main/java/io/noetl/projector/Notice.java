package io.noetl.projector;

import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a message says: an execution has come to a position.
 *
 * @param createdAt when the event was decided, as the publisher wrote it
 */
record Notice(long executionId, int seq, String createdAt) {
  /** The publisher writes them first, so the payload behind them is not read. */
  private static final Set<String> MEMBERS = Set.of("execution_id", "seq", "created_at");

  /**
   * @param body an event envelope
   * @throws IllegalArgumentException when it is none; the message says why
   */
  static Notice of(byte[] body) {
    try {
      Map<String, @Nullable Object> envelope = Json.members(body, MEMBERS);
      if (!(envelope.get("seq") instanceof Long seq) || seq < 1 || seq > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("seq is missing or no position");
      }
      if (!(envelope.get("created_at") instanceof String createdAt)) {
        throw new IllegalArgumentException("created_at is missing");
      }
      return new Notice(
          Ids.parse(envelope.get("execution_id"), "execution_id"), seq.intValue(), createdAt);
    } catch (JsonException | Ids.BadIdException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
