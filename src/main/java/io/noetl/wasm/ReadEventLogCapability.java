package io.noetl.wasm;

import java.util.Set;

/**
 * {@code host_read_event_log}: the events of the plug-in's own execution, in their order. The
 * restriction to its own is by data: another execution is refused, whether it exists or not.
 */
public final class ReadEventLogCapability implements HostCapability {
  private static final Set<String> MEMBERS = Set.of("execution_id", "after_id");

  private final CapabilityEffect effect;

  /** Requests go to this effect, on the thread of the caller. */
  public ReadEventLogCapability(CapabilityEffect effect) {
    this.effect = effect;
  }

  @Override
  public String name() {
    return "host_read_event_log";
  }

  @Override
  public HostReply call(HostCallContext context, byte[] request) {
    CapabilityRequest asked = CapabilityRequest.of(request, MEMBERS);
    asked.idIfAny("execution_id").idIfAny("after_id");
    Object execution = asked.members().get("execution_id");
    if (execution != null && !execution.equals(context.executionId())) {
      return HostReply.refused(HostError.DENIED, "Expected the plug-in's own execution");
    }
    return HostReply.done(effect.serve(context, asked.members()));
  }
}
