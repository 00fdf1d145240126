package io.noetl.wasm;

import io.noetl.json.Json;
import java.util.List;
import java.util.Set;

/**
 * {@code host_query_pg}: one SQL statement with the credential that the grant names; values only by
 * {@code params}.
 */
public final class QueryPgCapability implements HostCapability {
  private static final Set<String> MEMBERS = Set.of("sql", "params");

  private final CapabilityEffect effect;

  /** Requests go to this effect, on the thread of the caller. */
  public QueryPgCapability(CapabilityEffect effect) {
    this.effect = effect;
  }

  @Override
  public String name() {
    return "host_query_pg";
  }

  @Override
  public HostReply call(HostCallContext context, byte[] request) {
    CapabilityRequest asked = CapabilityRequest.of(request, MEMBERS);
    asked.text("sql");
    Object params = asked.members().get("params");
    if (params != null && !(params instanceof List<?>)) {
      return HostReply.refused(
          HostError.BAD_REQUEST, "Expected params as a list, but got " + Json.typeName(params));
    }
    return HostReply.done(effect.serve(context, asked.members()));
  }
}
