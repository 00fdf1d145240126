package io.noetl.wasm;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The capabilities this installation offers. Immutable, safe for many threads. */
public final class HostFunctions {
  private final Map<String, HostCapability> byName;

  private HostFunctions(Map<String, HostCapability> byName) {
    this.byName = Map.copyOf(byName);
  }

  /**
   * @throws IllegalArgumentException when a name is not in {@link HostCapabilities#all()} or twice
   */
  public static HostFunctions of(HostCapability... capabilities) {
    Map<String, HostCapability> byName = new TreeMap<>();
    for (HostCapability capability : capabilities) {
      if (!HostCapabilities.names().contains(capability.name())) {
        throw new IllegalArgumentException(
            "Expected a capability out of "
                + HostCapabilities.names()
                + ", but got "
                + capability.name());
      }
      if (byName.put(capability.name(), capability) != null) {
        throw new IllegalArgumentException(
            "Expected each capability once, but got " + capability.name() + " twice");
      }
    }
    return new HostFunctions(byName);
  }

  /** The names offered, sorted. */
  public Set<String> names() {
    return new TreeSet<>(byName.keySet());
  }

  Optional<HostCapability> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }
}
