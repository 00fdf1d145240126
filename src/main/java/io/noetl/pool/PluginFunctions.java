package io.noetl.pool;

import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.postgres.GuestSql;
import io.noetl.wasm.CapabilityEffect;
import io.noetl.wasm.GetCredentialCapability;
import io.noetl.wasm.HostCallContext;
import io.noetl.wasm.HostFunctions;
import io.noetl.wasm.MutateCatalogCapability;
import io.noetl.wasm.PutEventCapability;
import io.noetl.wasm.QueryPgCapability;
import io.noetl.wasm.ReadEventLogCapability;
import io.noetl.wasm.SystemCallCapability;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every capability of this installation, for one call of a plug-in. What the call was given as a
 * secret stays out of what it hands to others: see {@link Secrets#clean}.
 *
 * @param sql runs the statements of plug-ins
 */
record PluginFunctions(ServerClient server, Secrets secrets, GuestSql sql) {
  HostFunctions of(Identity identity) {
    ServerClient server = this.server.as(identity.tenantId());
    return HostFunctions.of(
        new PutEventCapability(
            (HostCallContext context, Map<String, @Nullable Object> envelope) ->
                new ServerEvents(server).put(context, secrets.cleaned(envelope, identity))),
        new ReadEventLogCapability(cleaned("host_read_event_log", identity)),
        new MutateCatalogCapability(cleaned("host_mutate_catalog", identity)),
        new SystemCallCapability(cleaned("host_system_call", identity)),
        new GetCredentialCapability(new PluginCredential(server, secrets, identity)),
        new QueryPgCapability(new PluginQuery(server, secrets, sql, identity)));
  }

  private CapabilityEffect cleaned(String capability, Identity identity) {
    CapabilityEffect effect = new ServerCapabilities(server.as(identity.tenantId()), capability);
    return (HostCallContext context, Map<String, @Nullable Object> request) ->
        effect.serve(context, secrets.cleaned(request, identity));
  }
}
