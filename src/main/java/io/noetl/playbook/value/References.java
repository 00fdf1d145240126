package io.noetl.playbook.value;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of data that is stored out of line. A reference object is a JSON map:
 *
 * <pre>
 * {uri, kind, store, scope, bytes, sha?, media_type?, type?, keys?, extracted?, preview?, expires_at?}
 * </pre>
 *
 * <p>{@code type} is that of the data in JSON's words; {@code keys} are all top-level names of a
 * map, or missing when there are too many. {@code extracted} holds members of the data and selected
 * fields under names that the data itself has not.
 */
public final class References {
  /** What every uri begins with. */
  public static final String SCHEME = "noetl://";

  public static final String URI = "uri";
  public static final String STORE = "store";
  public static final String BYTES = "bytes";
  public static final String TYPE = "type";
  public static final String KEYS = "keys";
  public static final String EXTRACTED = "extracted";

  /** The one member of a value that stands for data stored out of line. */
  public static final String MARK = "$noetl.ref";

  private References() {}

  /** Whether the data of an outcome is stored out of line, and not in the outcome. */
  public static boolean elsewhere(Outcome outcome) {
    return outcome.data() == null
        && outcome.reference() != null
        && uri(outcome.reference()) != null;
  }

  /** The data of an outcome, wherever it is. */
  public static @Nullable Object data(Outcome outcome, DataSource source) {
    Map<String, @Nullable Object> reference = outcome.reference();
    return reference != null && elsewhere(outcome) ? source.data(reference) : outcome.data();
  }

  /** The uri of a reference object; null when it is none of this system. */
  public static @Nullable String uri(Map<?, ?> reference) {
    return reference.get(URI) instanceof String uri && uri.startsWith(SCHEME) ? uri : null;
  }

  /** A value that stands for data stored out of line. */
  public static Map<String, @Nullable Object> marked(Map<String, @Nullable Object> reference) {
    Map<String, @Nullable Object> mark = new LinkedHashMap<>();
    mark.put(MARK, reference);
    return mark;
  }

  /** The reference object for which a value stands; null when the value is itself. */
  @SuppressWarnings("unchecked") // JSON objects have string keys
  public static @Nullable Map<String, @Nullable Object> ofMarked(@Nullable Object value) {
    return value instanceof Map<?, ?> map
            && map.size() == 1
            && map.get(MARK) instanceof Map<?, ?> reference
            && uri(reference) != null
        ? (Map<String, @Nullable Object>) reference
        : null;
  }

  /** Whether the data certainly has no member of that name. */
  public static boolean lacks(Map<?, ?> reference, String name) {
    if (reference.get(TYPE) instanceof String type && !type.equals("object")) {
      return true;
    }
    return reference.get(KEYS) instanceof List<?> keys && !keys.contains(name);
  }

  /** A success whose data is the result of an execution, which may itself be a reference. */
  @SuppressWarnings("unchecked") // JSON objects have string keys
  public static Outcome success(@Nullable Object result) {
    return result instanceof Map<?, ?> map
            && uri(map) != null
            && map.get("kind") instanceof String kind
            && kind.endsWith("_ref")
        ? with(Outcome.success(null), null, (Map<String, @Nullable Object>) map)
        : Outcome.success(result);
  }

  /** The outcome with other data and a reference. */
  public static Outcome with(
      Outcome outcome, @Nullable Object data, @Nullable Map<String, @Nullable Object> reference) {
    return new Outcome(
        outcome.status(),
        outcome.shape(),
        data,
        outcome.error(),
        outcome.hard(),
        outcome.http(),
        outcome.meta(),
        reference,
        outcome.streams());
  }
}
