package io.noetl.publisher;

import io.noetl.bus.Subjects;
import io.noetl.envelope.Ids;
import io.noetl.json.Json;
import io.noetl.publisher.OutboxReader.OutboxRow;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages that an outbox row, or a command that nobody claims, turns into. */
final class Messages {
  /**
   * Longest stored members, in characters, that travel on the bus; of a larger event only the
   * columns do, which is all that the projector needs. Well below what a bus takes.
   */
  static final int MAX_SPLICED = 256 * 1024;

  private final int shards;

  Messages(int shards) {
    this.shards = shards;
  }

  /** A message ready for the bus. */
  record Message(String subject, String id, byte[] body) {}

  /** The event's envelope. The stored members are spliced in as they are, not parsed again. */
  Message event(OutboxRow row) {
    String columns =
        "{\"event_id\":\""
            + row.eventId()
            + "\",\"execution_id\":\""
            + row.executionId()
            + "\",\"seq\":"
            + row.seq()
            + ",\"event_type\":"
            + Json.text(row.type())
            + ",\"tenant_id\":"
            + Json.text(row.tenantId())
            + ",\"created_at\":\""
            + row.createdAt()
            + "\"";
    String members = row.payload().strip();
    String rest =
        members.length() > MAX_SPLICED
            ? ",\"oversize\":true}"
            : members.length() <= 2 ? "}" : "," + members.substring(1);
    return new Message(
        Subjects.event(
            row.tenantId(), Subjects.shardOf(row.executionId(), shards), row.executionId()),
        Ids.text(row.eventId()),
        (columns + rest).getBytes(StandardCharsets.UTF_8));
  }

  /** The hint for the event's command, or null when it offers none. */
  @Nullable Message hint(OutboxRow row) {
    String pool = row.hintPool();
    if (pool == null) {
      return null;
    }
    String commandId = row.commandId() == null ? Ids.text(row.eventId()) : row.commandId();
    return hint(pool, row.executionId(), commandId, row.step(), row.seq() + "");
  }

  /**
   * A pointer to a command; never the work itself.
   *
   * @param publication tells hints of one command apart, so that a repeated one is not swallowed as
   *     a duplicate
   */
  static Message hint(
      String pool, long executionId, String commandId, @Nullable String step, String publication) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("execution_id", Ids.text(executionId));
    body.put("event_id", commandId);
    body.put("command_id", commandId);
    body.put("step", step);
    body.put("pool", pool);
    return new Message(
        Subjects.command(pool, executionId), commandId + ":" + publication, Json.bytes(body));
  }
}
