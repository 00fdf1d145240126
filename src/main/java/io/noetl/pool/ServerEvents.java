package io.noetl.pool;

import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.wasm.HostCallContext;
import io.noetl.wasm.HostCallException;
import io.noetl.wasm.HostError;
import io.noetl.wasm.PutEvent;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events of plug-ins, recorded by the server like those of any other producer. */
final class ServerEvents implements PutEvent {
  private final ServerClient server;

  ServerEvents(ServerClient server) {
    this.server = server;
  }

  @Override
  public String put(HostCallContext context, Map<String, @Nullable Object> envelope) {
    Reply reply;
    try {
      reply = server.post("/api/events", envelope);
    } catch (UnreachableException e) {
      throw new HostCallException(HostError.UNAVAILABLE, "the event log cannot be reached now");
    }
    if (reply.ok() && reply.body().get("event_id") instanceof String id) {
      return id;
    }
    throw switch (reply.status()) {
      case 404 -> new HostCallException(HostError.NOT_FOUND, reply.error());
      case 409 -> new HostCallException(HostError.CONFLICT, reply.error());
      case 413 -> new HostCallException(HostError.TOO_LARGE, reply.error());
      case 400, 422 -> new HostCallException(HostError.BAD_REQUEST, reply.error());
      default -> new HostCallException(HostError.UNAVAILABLE, reply.error());
    };
  }
}
