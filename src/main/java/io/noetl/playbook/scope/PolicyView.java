package io.noetl.playbook.scope;

import io.noetl.playbook.template.StatusToken;
import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.value.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code output} in a policy: the envelope of the call. A member that the envelope does not have is
 * looked up in the data, and a member that the data of an http call does not have in its body.
 */
final class PolicyView implements TemplateObject {
  private final Map<String, @Nullable Object> envelope;

  PolicyView(Outcome outcome) {
    this.envelope = envelope(outcome);
  }

  private static Map<String, @Nullable Object> envelope(Outcome outcome) {
    Map<String, @Nullable Object> envelope = new LinkedHashMap<>();
    envelope.put("status", new StatusToken(outcome.status().word()));
    envelope.put("data", data(outcome));
    Map<String, @Nullable Object> error = outcome.error();
    if (error != null) {
      envelope.put("error", error);
      if (error.get("code") instanceof String code && code.startsWith("PG_")) {
        String state = code.substring("PG_".length());
        envelope.put("pg", Map.of("code", state, "sqlstate", state));
      }
      if (error.containsKey("exception") || error.containsKey("traceback")) {
        Map<String, @Nullable Object> python = new LinkedHashMap<>();
        python.put("exception", error.get("exception"));
        python.put("traceback", error.get("traceback"));
        envelope.put("py", python);
      }
    }
    if (outcome.http() != null) {
      envelope.put("http", outcome.http());
    }
    envelope.put("meta", outcome.meta());
    Map<String, @Nullable Object> reference = outcome.reference();
    if (reference != null && reference.get("uri") != null) {
      envelope.put("ref", reference.get("uri"));
    }
    return envelope;
  }

  private static @Nullable Object data(Outcome outcome) {
    Object data = outcome.data();
    if (data == null) {
      return null;
    }
    return outcome.http() != null
            && data instanceof Map<?, ?> map
            && map.get("body") instanceof Map<?, ?> body
        ? new Response(map, body)
        : RowsView.of(outcome, data);
  }

  /** The data of an http call over its body. */
  private record Response(Map<?, ?> data, Map<?, ?> body) implements TemplateObject {
    @Override
    public @Nullable Object member(String name) {
      return data.containsKey(name)
          ? data.get(name)
          : body.containsKey(name) ? body.get(name) : UNDEFINED;
    }

    @Override
    public Object element(int index) {
      return UNDEFINED;
    }

    @Override
    public Object plain() {
      return data;
    }
  }

  @Override
  public @Nullable Object member(String name) {
    if (envelope.containsKey(name)) {
      return envelope.get(name);
    }
    if (name.equals("error")) {
      return UNDEFINED; // after a success; never the data's own
    }
    return switch (envelope.get("data")) {
      case TemplateObject data -> data.member(name);
      case Map<?, ?> data -> data.containsKey(name) ? data.get(name) : UNDEFINED;
      case null, default -> UNDEFINED;
    };
  }

  @Override
  public @Nullable Object element(int index) {
    return switch (envelope.get("data")) {
      case TemplateObject data -> data.element(index);
      case List<?> list -> Elements.of(list, index);
      case null, default -> UNDEFINED;
    };
  }

  @Override
  public Object plain() {
    return envelope;
  }
}
