package io.noetl.query;

import io.noetl.envelope.Ids;
import io.noetl.envelope.Scrub;
import io.noetl.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event as clients see it, in pages, inside an execution and on a stream alike. */
public final class ServedEvent {
  private static final String STEP = "step";
  private static final String CONTEXT = "context";

  private ServedEvent() {}

  /**
   * @param execution the execution that the event belongs to
   */
  public static Map<String, @Nullable Object> of(EventRow row, ExecutionRow execution) {
    Map<String, @Nullable Object> stored = Json.parseObject(row.payload());
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("event_id", Ids.text(row.eventId()));
    out.put("seq", row.seq());
    out.put("execution_id", Ids.text(row.executionId()));
    out.put("event_type", row.type());
    Object step = stored.get(STEP);
    if (step != null) {
      out.put("node_id", step);
      out.put("node_name", step);
      out.put(STEP, step);
    }
    put(out, "node_type", stored.get("node_type"));
    put(out, "status", stored.get("status"));
    String at = row.createdAt().toString();
    out.put("created_at", at);
    out.put("timestamp", at);
    out.put("catalog_id", Ids.text(execution.catalogId()));
    Long parent = execution.parentExecutionId();
    put(out, "parent_execution_id", parent == null ? null : Ids.text(parent));
    put(out, "command_id", commandId(row, stored));
    put(out, "worker_id", stored.get("worker_id"));
    put(out, "duration", stored.get("duration"));
    put(out, CONTEXT, Scrub.value(stored.get(CONTEXT)));
    put(out, "result", Scrub.value(stored.get("result")));
    put(out, "error", Scrub.value(error(stored)));
    put(out, "meta", Scrub.value(stored.get("meta")));
    return out;
  }

  /** The sentence of a failure, also where only the result has it. */
  private static @Nullable Object error(Map<String, @Nullable Object> stored) {
    Object error = stored.get("error");
    return error == null
            && stored.get("result") instanceof Map<?, ?> result
            && result.get(CONTEXT) instanceof Map<?, ?> context
        ? context.get("error")
        : error;
  }

  /** Whether the event belongs on pages that did not ask for everything. */
  public static boolean informative(EventRow row) {
    // Looked for as text first: nearly no event has it, and parsing would be done twice.
    return !row.payload().contains("\"informative\"")
        || !Boolean.FALSE.equals(Json.parseObject(row.payload()).get("informative"));
  }

  /** A command has the id of the event that issued it. */
  private static @Nullable Object commandId(EventRow row, Map<String, @Nullable Object> stored) {
    return row.type().equals("command.issued") ? Ids.text(row.eventId()) : stored.get("command_id");
  }

  private static void put(Map<String, @Nullable Object> out, String name, @Nullable Object value) {
    if (value != null) {
      out.put(name, value);
    }
  }
}
