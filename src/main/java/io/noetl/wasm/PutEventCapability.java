package io.noetl.wasm;

import static io.noetl.wasm.HostError.BAD_REQUEST;
import static io.noetl.wasm.HostError.BUDGET;
import static io.noetl.wasm.HostError.DENIED;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code host_put_event}: records a custom event in the guest's own execution.
 *
 * <p>Such an event decides nothing: it is always stored with {@code actionable: false}. The types
 * that drive or audit an execution are refused, so that a plug-in cannot end an execution by naming
 * its end, nor forge the record of its own calls.
 */
public final class PutEventCapability implements HostCapability {
  /** Events of one call of a plug-in. */
  public static final int EVENTS_PER_CALL = 100;

  private static final int TYPE_CHARACTERS = 128;

  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

  private static final Set<String> RESERVED_FAMILIES =
      Set.of(
          "playbook",
          "workflow",
          "execution",
          "command",
          "step",
          "call",
          "loop",
          "ctx",
          "capability",
          "container");

  private static final Set<String> RESERVED_PREFIXES =
      Set.of("playbook_", "workflow_", "action_", "step_", "command_");

  private static final Set<String> MEMBERS =
      Set.of(
          "event_type",
          "name",
          "execution_id",
          "step",
          "node_name",
          "context",
          "payload",
          "status",
          "created_at",
          "timestamp");

  private final PutEvent effect;

  /** Events go to this effect, on the thread of the caller. */
  public PutEventCapability(PutEvent effect) {
    this.effect = effect;
  }

  @Override
  public String name() {
    return "host_put_event";
  }

  @Override
  public HostReply call(HostCallContext context, byte[] request) {
    if (context.ordinal() > EVENTS_PER_CALL) {
      return HostReply.refused(
          BUDGET, "Expected at most " + EVENTS_PER_CALL + " events of one call, but got one more");
    }
    Map<?, ?> guest;
    try {
      guest = envelopeOf(request);
    } catch (JsonException e) {
      return HostReply.refused(BAD_REQUEST, String.valueOf(e.getMessage()));
    }
    Set<String> unknown = new TreeSet<>();
    for (Object member : guest.keySet()) {
      if (!MEMBERS.contains(String.valueOf(member))) {
        unknown.add(String.valueOf(member));
      }
    }
    if (!unknown.isEmpty()) {
      return HostReply.refused(
          BAD_REQUEST,
          "Expected members out of " + new TreeSet<>(MEMBERS) + ", but got " + unknown);
    }
    return checked(context, guest);
  }

  private HostReply checked(HostCallContext context, Map<?, ?> guest) {
    Object type = either(guest, "event_type", "name");
    if (!(type instanceof String text)
        || text.length() > TYPE_CHARACTERS
        || !TYPE.matcher(text).matches()) {
      return HostReply.refused(
          BAD_REQUEST,
          "Expected event_type as words joined by dots, at most "
              + TYPE_CHARACTERS
              + " characters, but got "
              + Json.typeName(type));
    }
    Object execution = guest.get("execution_id");
    if (execution != null && !(execution instanceof String)) {
      return HostReply.refused(
          BAD_REQUEST, "Expected execution_id as a string, but got " + Json.typeName(execution));
    }
    Object step = either(guest, "step", "node_name");
    if (step != null && !(step instanceof String)) {
      return HostReply.refused(
          BAD_REQUEST, "Expected step as a string, but got " + Json.typeName(step));
    }
    Object payload = either(guest, "context", "payload");
    if (payload != null && !(payload instanceof Map<?, ?>)) {
      return HostReply.refused(
          BAD_REQUEST, "Expected context as an object, but got " + Json.typeName(payload));
    }
    Object status = guest.get("status");
    Object created = either(guest, "created_at", "timestamp");
    if ((status != null && !(status instanceof String))
        || (created != null && !(created instanceof String))) {
      return HostReply.refused(BAD_REQUEST, "Expected status and created_at as strings");
    }
    if (execution != null && !execution.equals(context.executionId())) {
      return HostReply.refused(DENIED, "Expected the plug-in's own execution");
    }
    if (step != null && !step.equals(context.step())) {
      return HostReply.refused(DENIED, "Expected the plug-in's own step");
    }
    if (reserved(text)) {
      return HostReply.refused(
          DENIED, "Expected a custom event type, but " + text + " is reserved");
    }
    Map<String, @Nullable Object> envelope = new LinkedHashMap<>();
    envelope.put("execution_id", context.executionId());
    envelope.put("event_type", text);
    envelope.put("step", context.step());
    envelope.put("context", payload == null ? Map.of() : payload);
    if (status != null) {
      envelope.put("status", status);
    }
    if (created != null) {
      envelope.put("created_at", created);
    }
    envelope.put("actionable", false);
    Map<String, @Nullable Object> meta = new LinkedHashMap<>();
    meta.put("command_id", context.commandId());
    meta.put("plugin", context.path());
    meta.put("plugin_version", context.version());
    envelope.put("meta", meta);
    return HostReply.done(Map.of("event_id", effect.put(context, envelope)));
  }

  private static Map<?, ?> envelopeOf(byte[] request) {
    Map<?, ?> document = Utf8Json.object(request);
    Object envelope = document.get("envelope");
    if (document.size() != 1 || !(envelope instanceof Map<?, ?> members)) {
      throw new JsonException("Expected {\"envelope\": {...}}");
    }
    return members;
  }

  private static @Nullable Object either(Map<?, ?> map, String first, String second) {
    Object value = map.get(first);
    return value != null ? value : map.get(second);
  }

  private static boolean reserved(String type) {
    // Readers compare some types without regard to case, so the check must as well.
    String lower = type.toLowerCase(Locale.ROOT);
    int dot = lower.indexOf('.');
    if (RESERVED_FAMILIES.contains(dot < 0 ? lower : lower.substring(0, dot))) {
      return true;
    }
    for (String prefix : RESERVED_PREFIXES) {
      if (lower.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
