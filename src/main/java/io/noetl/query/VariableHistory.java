package io.noetl.query;

import io.noetl.envelope.EventType;
import io.noetl.json.Json;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Since when variables are, and from where. Safe for use by many threads. */
public final class VariableHistory {
  private static final int PAGE = 500;

  private final EventPages events;

  public VariableHistory(EventPages events) {
    this.events = events;
  }

  /**
   * @param type what the variable is, such as {@code user_defined}
   * @param step that set it last, or that was named as its source
   * @param at when it came to be
   */
  public record Origin(String type, @Nullable String step, Instant at) {}

  /** By name; the caller has checked whose execution it is. */
  public Map<String, Origin> origins(long executionId) {
    Map<String, Origin> origins = new HashMap<>();
    int after = 0;
    while (true) {
      List<EventRow> rows = events.ofType(executionId, EventType.CTX_UPDATED, after, PAGE, 0);
      for (EventRow row : rows) {
        learn(origins, row);
        after = row.seq();
      }
      if (rows.size() < PAGE) {
        return origins;
      }
    }
  }

  private static void learn(Map<String, Origin> origins, EventRow row) {
    Map<String, @Nullable Object> stored = Json.parseObject(row.payload());
    if (!(stored.get("context") instanceof Map<?, ?> context)) {
      return;
    }
    String step = stored.get("step") instanceof String text ? text : null;
    if (context.get("values") instanceof List<?> values) {
      for (Object value : values) {
        if (value instanceof Map<?, ?> write
            && write.get("path") instanceof List<?> path
            && !path.isEmpty()) {
          String name = String.valueOf(path.getFirst());
          Origin before = origins.get(name);
          origins.put(
              name,
              new Origin(
                  type(context, name, step), step, before == null ? row.createdAt() : before.at()));
        }
      }
    }
    if (context.get("removed") instanceof List<?> removed) {
      removed.forEach(name -> origins.remove(String.valueOf(name)));
    }
  }

  private static String type(Map<?, ?> context, String name, @Nullable String step) {
    Object given = context.get("types") instanceof Map<?, ?> types ? types.get(name) : null;
    return given instanceof String text ? text : step == null ? "user_defined" : "computed";
  }
}
