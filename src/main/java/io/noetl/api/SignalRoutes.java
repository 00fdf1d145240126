package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.execution.Awaited;
import io.noetl.execution.ExecutionEvent;
import io.noetl.execution.ExecutionIntent;
import io.noetl.execution.StoredEvent;
import io.noetl.journal.IntentHandler;
import io.noetl.journal.IntentReply;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Signals from outside: an approval, a callback, whatever a step waits for by name. */
final class SignalRoutes implements Resource {
  /** Longest key, in characters. */
  private static final int MAX_KEY = 256;

  private final IntentHandler intents;
  private final Owners owners;

  SignalRoutes(IntentHandler intents, Owners owners) {
    this.intents = intents;
    this.owners = owners;
  }

  @Override
  public void routing(Routes routes) {
    routes
        .post("/api/executions/{id}/signal", AccessClass.USER, this::signal)
        .post("/api/executions/{id}/signal/{name}", AccessClass.USER, this::signal);
  }

  private Reply signal(Call call) {
    long id = call.pathId("id");
    owners.require(call.tenant(), id);
    Map<String, @Nullable Object> body = call.jsonOrEmpty();
    String name =
        (call.hasPath("name") ? call.path("name") : Members.requiredText(body, "name")).strip();
    if (name.isEmpty() || name.length() > Awaited.Signal.MAX_NAME) {
      throw Members.fault(
          "name",
          "Expected name to have 1 to "
              + Awaited.Signal.MAX_NAME
              + " characters, but it has "
              + name.length());
    }
    String key = key(call, body);
    IntentReply reply =
        intents.handle(call.tenant(), id, new ExecutionIntent.Signal(name, body.get("data"), key));
    return switch (reply) {
      case IntentReply.Accepted accepted -> Reply.ok(shown(id, name, accepted));
      case IntentReply.Rejected rejected -> throw Problems.of(rejected).refusal();
      case IntentReply.Busy busy -> throw Problems.of(busy).refusal();
      case IntentReply.Duplicate duplicate ->
          throw new IllegalStateException(
              "Expected a signal not to be a repeated start (execution="
                  + duplicate.executionId()
                  + ")");
    };
  }

  private static @Nullable String key(Call call, Map<String, @Nullable Object> body) {
    String key = Members.text(body, "key");
    key = key == null ? call.header("Idempotency-Key") : key;
    if (key != null && (key.isEmpty() || key.length() > MAX_KEY)) {
      throw Members.fault(
          "key",
          "Expected key to have 1 to " + MAX_KEY + " characters, but it has " + key.length());
    }
    return key;
  }

  private static Map<String, @Nullable Object> shown(
      long id, String name, IntentReply.Accepted accepted) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("execution_id", Ids.text(id));
    out.put("name", name);
    String status = accepted.events().isEmpty() ? "duplicate" : "kept";
    String step = null;
    for (StoredEvent event : accepted.events()) {
      switch (event.event()) {
        case ExecutionEvent.SignalReceived _ -> out.put("event_id", Ids.text(event.eventId()));
        // The first one; others may follow from it.
        case ExecutionEvent.CallFinished ended -> step = step == null ? ended.step() : step;
        case ExecutionEvent.IterationFinished ended -> step = step == null ? ended.step() : step;
        default -> {}
      }
    }
    out.put("status", step == null ? status : "delivered");
    if (step != null) {
      out.put("step", step);
    }
    return out;
  }
}
