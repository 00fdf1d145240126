package io.noetl.wasm;

import java.util.Set;

/** {@code host_mutate_catalog}: registers a playbook below the path that the grant names. */
public final class MutateCatalogCapability implements HostCapability {
  private static final Set<String> MEMBERS = Set.of("path", "yaml");

  private final CapabilityEffect effect;

  /** Requests go to this effect, on the thread of the caller. */
  public MutateCatalogCapability(CapabilityEffect effect) {
    this.effect = effect;
  }

  @Override
  public String name() {
    return "host_mutate_catalog";
  }

  @Override
  public HostReply call(HostCallContext context, byte[] request) {
    CapabilityRequest asked = CapabilityRequest.of(request, MEMBERS);
    asked.text("path");
    asked.text("yaml");
    return HostReply.done(effect.serve(context, asked.members()));
  }
}
