package io.noetl.api;

import io.noetl.envelope.EventType;
import io.noetl.execution.ResultUris;
import io.noetl.json.Json;
import io.noetl.playbook.value.References;
import io.noetl.query.EventRow;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an event says that its call came to.
 *
 * @param present whether it says so at all
 * @param data the data in the event, or null
 * @param reference to data out of line, or null
 */
record EventResult(
    boolean present, @Nullable Object data, @Nullable Map<String, @Nullable Object> reference) {

  static EventResult of(EventRow event) {
    Map<String, @Nullable Object> stored = Json.parseObject(event.payload());
    if (event.type().equals(EventType.PLAYBOOK_COMPLETED)) {
      Map<String, @Nullable Object> context = Members.mapIfAny(stored, "context");
      Object result = context == null ? null : context.get("result");
      return result instanceof Map<?, ?> map && References.uri(map) != null && context != null
          ? new EventResult(true, null, Members.mapIfAny(context, "result"))
          : new EventResult(true, result, null);
    }
    Map<String, @Nullable Object> result = Members.mapIfAny(stored, "result");
    if (result == null) {
      return new EventResult(false, null, null);
    }
    Map<String, @Nullable Object> context = Members.mapIfAny(result, "context");
    Object data = context == null ? null : context.get("data");
    Map<String, @Nullable Object> reference = Members.mapIfAny(result, "reference");
    if (event.type().equals(EventType.LOOP_DONE) && data == null) {
      reference = ofLoop(event, stored);
    }
    return new EventResult(true, data, reference);
  }

  /** The event of a loop holds no data: that is in the events of its iterations. */
  private static @Nullable Map<String, @Nullable Object> ofLoop(
      EventRow event, Map<String, @Nullable Object> stored) {
    Map<String, @Nullable Object> context = Members.mapIfAny(stored, "context");
    if (context == null
        || !(stored.get("step") instanceof String step)
        || !(context.get("visit") instanceof Number visit)) {
      return null;
    }
    Map<String, @Nullable Object> reference = new LinkedHashMap<>();
    reference.put(References.URI, ResultUris.ofLoop(event.executionId(), step, visit.intValue()));
    reference.put("kind", "loop_ref");
    reference.put(References.STORE, "eventlog");
    return reference;
  }

  /** The address of data out of line; null when there is none of this system. */
  @Nullable String uri() {
    return reference == null ? null : References.uri(reference);
  }
}
