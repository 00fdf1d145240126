package io.noetl.pool;

import io.noetl.pool.ServerClient.Reply;
import io.noetl.pool.ServerClient.UnreachableException;
import io.noetl.wasm.HostCapabilities;
import io.noetl.wasm.PluginGrants;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The grants of one plug-in during one call, as the server knows them; asked again when they are
 * older than {@value #FRESH_NANOS} ns, so that a withdrawal holds for a call that is running. One
 * thread: that of the caller.
 */
final class ServerGrants implements PluginGrants {
  private static final long FRESH_NANOS = 500_000_000;

  private final ServerClient server;
  private final String resource;
  private final String tenant;
  private Set<String> known;
  private long asked = System.nanoTime();

  /**
   * @param resource address of the plug-in at the server
   * @param entry the plug-in as the server just showed it
   */
  ServerGrants(
      ServerClient server, String resource, String tenant, Map<String, @Nullable Object> entry) {
    this.server = server;
    this.resource = resource;
    this.tenant = tenant;
    this.known = names(entry);
  }

  @Override
  public String tenant() {
    return tenant;
  }

  @Override
  public Set<String> capabilities() {
    if (System.nanoTime() - asked > FRESH_NANOS) {
      try {
        Reply reply = server.get(resource);
        if (reply.ok()) {
          known = names(reply.body());
          asked = System.nanoTime();
        }
      } catch (UnreachableException e) {
        // What needs the server will say so itself.
        asked = System.nanoTime();
      }
    }
    return known;
  }

  private static Set<String> names(Map<String, @Nullable Object> entry) {
    if (!(entry.get("granted") instanceof Map<?, ?> granted)) {
      // A server that knows no grants yet.
      return HostCapabilities.usual();
    }
    Set<String> names = new HashSet<>();
    granted.keySet().forEach(name -> names.add(String.valueOf(name)));
    return Set.copyOf(names);
  }
}
