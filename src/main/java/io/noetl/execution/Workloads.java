package io.noetl.execution;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The workload of an execution, made of the playbook's defaults and the payload. */
final class Workloads {
  private Workloads() {}

  /**
   * The payload over the defaults.
   *
   * @param deep whether maps are merged all the way down, instead of at the top only
   */
  static Map<String, @Nullable Object> merged(
      Map<String, @Nullable Object> defaults, Map<String, @Nullable Object> payload, boolean deep) {
    Map<String, @Nullable Object> merged = new LinkedHashMap<>(defaults);
    if (deep) {
      payload.forEach((name, value) -> merged.put(name, laid(defaults.get(name), value)));
    } else {
      merged.putAll(payload);
    }
    return merged;
  }

  private static @Nullable Object laid(@Nullable Object lower, @Nullable Object upper) {
    if (!(lower instanceof Map<?, ?> below && upper instanceof Map<?, ?> above)) {
      return upper;
    }
    Map<String, @Nullable Object> merged = new LinkedHashMap<>();
    below.forEach((name, value) -> merged.put(String.valueOf(name), value));
    above.forEach((name, value) -> merged.put(String.valueOf(name), laid(below.get(name), value)));
    return merged;
  }

  /**
   * A merged value whose templates are lazy as far as they are the defaults' own; what came from
   * the payload stays data.
   *
   * @param lazy the default with its templates marked
   */
  static @Nullable Object lazy(
      @Nullable Object merged, @Nullable Object defaults, @Nullable Object lazy) {
    if (Objects.equals(merged, defaults)) {
      return lazy;
    }
    if (!(merged instanceof Map<?, ?> map
        && defaults instanceof Map<?, ?> own
        && lazy instanceof Map<?, ?> marked)) {
      return merged;
    }
    Map<String, @Nullable Object> shown = new LinkedHashMap<>();
    map.forEach(
        (name, value) ->
            shown.put(
                String.valueOf(name),
                own.containsKey(name) ? lazy(value, own.get(name), marked.get(name)) : value));
    return shown;
  }
}
