package io.noetl.tool.nats;

import io.noetl.playbook.value.Errors;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An operation that cannot be carried out; becomes a hard outcome with its error object. */
final class NatsRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, @Nullable Object> error;

  NatsRefusal(Map<String, @Nullable Object> error) {
    super(String.valueOf(error.get("message")));
    this.error = error;
  }

  static NatsRefusal notFound(String message) {
    return new NatsRefusal(Errors.of("not_found", "NATS_NOT_FOUND", message, false));
  }

  static NatsRefusal limit(String code, String message) {
    return new NatsRefusal(Errors.of("limit", code, message, false));
  }

  Map<String, @Nullable Object> error() {
    return error;
  }
}
