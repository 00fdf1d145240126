package io.noetl.policy.compiled;

import io.noetl.json.Json;
import io.noetl.postgres.Database;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What policies are made from, as operators see and change it. Safe for use by many threads. */
public final class PolicySources {
  private final PolicyStore store;
  private final PolicySettings settings;

  public PolicySources(Database database, PolicySettings settings) {
    this.store = new PolicyStore(database);
    this.settings = settings;
  }

  /** The source of a part; null when it has none. */
  public @Nullable Map<String, @Nullable Object> source(Part part) {
    String text = store.source(part);
    return text == null ? null : Json.parseObject(text);
  }

  /** The document that was compiled last; null when there is none. */
  public @Nullable Map<String, @Nullable Object> document(Part part) {
    String text = store.document(part);
    return text == null ? null : Json.parseObject(text);
  }

  /** Why a source may not be set; null when it may. */
  public @Nullable String fault(Map<String, @Nullable Object> source) {
    String text = Json.text(source);
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > settings.sourceBytes()) {
      return "Expected a source of at most "
          + settings.sourceBytes()
          + " bytes (policy.max-source-bytes), but got "
          + bytes;
    }
    if (text.contains("\\u0000")) {
      return "Expected a source without the character U+0000";
    }
    return null;
  }

  /**
   * Sets a source without a fault; it is compiled in the background.
   *
   * @return its version: it is in force once something was compiled from that
   */
  public int set(Part part, Map<String, @Nullable Object> source, String setBy) {
    return store.set(part, Json.text(source), setBy);
  }

  /** Takes a source away: built-in rules alone. */
  public void remove(Part part, String setBy) {
    store.remove(part, setBy);
  }

  /** Has it compiled at once. Whether it has a source. */
  public boolean refresh(Part part) {
    return store.hurry(part);
  }
}
