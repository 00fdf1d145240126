package io.noetl.pool;

import io.noetl.tool.ToolCall.Identity;
import io.noetl.tool.auth.Credential;
import io.noetl.wasm.CapabilityEffect;
import io.noetl.wasm.HostCallContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code host_get_credential} by the server, which looks at the grant. What it gives is hidden from
 * then on in everything that leaves this process for the command.
 */
record PluginCredential(ServerClient server, Secrets secrets, Identity identity)
    implements CapabilityEffect {
  @Override
  public Map<String, @Nullable Object> serve(
      HostCallContext context, Map<String, @Nullable Object> request) {
    Map<String, @Nullable Object> reply =
        new ServerCapabilities(server, "host_get_credential").serve(context, request);
    Credential credential = credential(reply);
    secrets.handedOut(credential, identity);
    Map<String, @Nullable Object> shown = new LinkedHashMap<>();
    shown.put("name", credential.name());
    shown.put("data", credential.data());
    return shown;
  }

  /** The credential in a reply of the server. */
  static Credential credential(Map<String, @Nullable Object> reply) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    if (reply.get("data") instanceof Map<?, ?> members) {
      members.forEach((name, value) -> data.put(String.valueOf(name), value));
    }
    return new Credential(
        String.valueOf(reply.get("name")), String.valueOf(reply.get("type")), data);
  }
}
