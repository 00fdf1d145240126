package io.noetl.pool;

import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.wasm.CapabilityEffect;
import io.noetl.wasm.HostCallContext;
import io.noetl.wasm.HostCallException;
import io.noetl.wasm.HostError;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A capability that the server serves, because it needs the platform's database. The server looks
 * at the grant again.
 */
record ServerCapabilities(ServerClient server, String capability) implements CapabilityEffect {
  @Override
  public Map<String, @Nullable Object> serve(
      HostCallContext context, Map<String, @Nullable Object> request) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("path", context.path());
    body.put("version", context.version());
    body.put("execution_id", context.executionId());
    body.put("command_id", context.commandId());
    body.put("capability", capability);
    body.put("request", request);
    Reply reply;
    try {
      reply = server.postInternal("/api/internal/plugin-calls", body);
    } catch (UnreachableException e) {
      throw new HostCallException(HostError.UNAVAILABLE, "the server cannot be reached now");
    }
    if (reply.ok() && reply.body().get("reply") instanceof Map<?, ?> members) {
      Map<String, @Nullable Object> out = new LinkedHashMap<>();
      members.forEach((name, value) -> out.put(String.valueOf(name), value));
      return out;
    }
    HostError error = error(reply);
    throw new HostCallException(
        error, error == HostError.INTERNAL ? "the host failed" : reply.error());
  }

  private static HostError error(Reply reply) {
    return switch (reply.status()) {
      case 400, 422 -> HostError.BAD_REQUEST;
      case 401, 403 -> HostError.DENIED;
      case 404 -> HostError.NOT_FOUND;
      case 409 -> HostError.CONFLICT;
      case 413 -> HostError.TOO_LARGE;
      case 500 -> HostError.INTERNAL;
      default -> HostError.UNAVAILABLE;
    };
  }
}
