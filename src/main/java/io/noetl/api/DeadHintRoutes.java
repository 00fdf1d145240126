package io.noetl.api;

import io.noetl.envelope.Ids;
import io.noetl.upkeep.DeadHints;
import io.noetl.upkeep.DeadHints.DeadHint;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Hints that workers could not handle; they are listed with the commands that are dead. */
final class DeadHintRoutes implements Resource {
  private final DeadHints hints;
  private final LongSupplier ids;
  private final InstantSource clock;

  DeadHintRoutes(DeadHints hints, LongSupplier ids, InstantSource clock) {
    this.hints = hints;
    this.ids = ids;
    this.clock = clock;
  }

  @Override
  public void routing(Routes routes) {
    routes.post("/api/commands/dead-hints", AccessClass.WORKER, this::add);
  }

  private Reply add(Call call) {
    Map<String, @Nullable Object> body = call.json();
    long id = ids.getAsLong();
    hints.add(
        call.tenant(),
        new DeadHint(
            id,
            text(body, "pool"),
            text(body, "subject"),
            cut(Members.text(body, "body", "")),
            Members.id(body, "command_id"),
            Members.id(body, "execution_id"),
            text(body, "worker_id"),
            text(body, "reason"),
            clock.instant()));
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("status", "ok");
    out.put("hint_id", Ids.text(id));
    return Reply.ok(out);
  }

  private static String text(Map<String, @Nullable Object> body, String name) {
    String text = Members.requiredText(body, name);
    if (text.length() > DeadHints.MAX_TEXT) {
      throw Members.fault(
          name,
          "Expected "
              + name
              + " of at most "
              + DeadHints.MAX_TEXT
              + " characters, but it has "
              + text.length());
    }
    return text;
  }

  private static String cut(String body) {
    return body.length() <= DeadHints.MAX_BODY ? body : body.substring(0, DeadHints.MAX_BODY);
  }

  /** A hint in the list of what is dead. */
  static Map<String, @Nullable Object> shown(DeadHint hint) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("hint_id", Ids.text(hint.hintId()));
    if (hint.executionId() != null) {
      out.put("execution_id", Ids.text(hint.executionId()));
    }
    if (hint.commandId() != null) {
      out.put("command_id", Ids.text(hint.commandId()));
      out.put("event_id", Ids.text(hint.commandId()));
    }
    out.put("pool", hint.pool());
    out.put("status", "FAILED");
    out.put("dead", true);
    out.put("worker_id", hint.workerId());
    out.put("reason", hint.reason());
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put("subject", hint.subject());
    message.put("body", hint.body());
    out.put("hint", message);
    out.put("since", hint.since().toString());
    return out;
  }
}
