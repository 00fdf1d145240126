package io.noetl.tool.auth;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A secret by name, in the clear. Immutable.
 *
 * @param name as the author wrote it
 * @param type free text, such as {@code postgres} or {@code bearer}; decides which members count
 * @param data its members; never shown by {@link #toString}
 */
public record Credential(String name, String type, Map<String, @Nullable Object> data) {

  public Credential {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }

  /** Without the data: a credential that lands in a log line gives nothing away. */
  @Override
  public String toString() {
    return "Credential[name=" + name + ", type=" + type + "]";
  }
}
