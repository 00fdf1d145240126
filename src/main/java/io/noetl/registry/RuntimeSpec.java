package io.noetl.registry;

import org.jspecify.annotations.Nullable;

/** What a component says about itself; as in {@link RuntimeRecord}. */
public record RuntimeSpec(
    String name,
    String kind,
    @Nullable String pool,
    @Nullable String uri,
    String status,
    @Nullable String labelsJson,
    @Nullable String capabilitiesJson,
    @Nullable Integer capacity,
    @Nullable String runtimeJson,
    @Nullable String hostname,
    @Nullable Long pid) {

  /** Longest name, in characters. */
  public static final int MAX_NAME = 200;

  public RuntimeSpec {
    if (name.isBlank() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          "Expected a name of 1 to " + MAX_NAME + " characters, but got " + name.length());
    }
  }
}
