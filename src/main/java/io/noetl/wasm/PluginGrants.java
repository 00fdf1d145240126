package io.noetl.wasm;

import java.util.Set;
import java.util.TreeSet;

/**
 * What a tenant's plug-in may import, set by an operator beside the plug-in, never by its manifest.
 *
 * <p>The host asks before it links and again before every capability call: an implementation that
 * looks up the present grants makes a withdrawal effective at once. It is asked on the thread of
 * the caller and must answer quickly.
 */
public interface PluginGrants {
  /** The tenant, for messages. */
  String tenant();

  /** The names of the capabilities granted now, such as {@code host_put_event}. */
  Set<String> capabilities();

  /** Grants that never change. */
  static PluginGrants of(String tenant, String... capabilities) {
    return new Fixed(tenant, Set.of(capabilities));
  }

  /** What a tenant has when nobody decided otherwise. */
  static PluginGrants tenantDefault(String tenant) {
    return new Fixed(tenant, HostCapabilities.usual());
  }

  /**
   * Grants that never change.
   *
   * @param capabilities names out of {@link HostCapabilities#all()}
   */
  record Fixed(String tenant, Set<String> capabilities) implements PluginGrants {
    public Fixed {
      capabilities = Set.copyOf(capabilities);
      for (String name : new TreeSet<>(capabilities)) {
        if (!HostCapabilities.names().contains(name)) {
          throw new IllegalArgumentException(
              "Expected capabilities out of " + HostCapabilities.names() + ", but got " + name);
        }
      }
    }
  }
}
