package io.noetl.wasm;

import io.noetl.json.Json;
import java.util.Map;
import java.util.Set;

/**
 * {@code host_system_call}: calls one of the system functions that the grant names, each by its
 * exact name.
 */
public final class SystemCallCapability implements HostCapability {
  private static final Set<String> MEMBERS = Set.of("name", "args");

  private final CapabilityEffect effect;

  /** Requests go to this effect, on the thread of the caller. */
  public SystemCallCapability(CapabilityEffect effect) {
    this.effect = effect;
  }

  @Override
  public String name() {
    return "host_system_call";
  }

  @Override
  public HostReply call(HostCallContext context, byte[] request) {
    CapabilityRequest asked = CapabilityRequest.of(request, MEMBERS);
    asked.text("name");
    Object args = asked.members().get("args");
    if (args != null && !(args instanceof Map<?, ?>)) {
      return HostReply.refused(
          HostError.BAD_REQUEST, "Expected args as an object, but got " + Json.typeName(args));
    }
    return HostReply.done(effect.serve(context, asked.members()));
  }
}
