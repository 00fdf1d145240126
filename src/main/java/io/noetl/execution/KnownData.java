package io.noetl.execution;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stored data that is handed in with an intent. The core fetches nothing: what is missing here ends
 * the decision with {@link Decision.NeedsData}, and the caller decides again with more.
 */
@FunctionalInterface
public interface KnownData {
  KnownData NONE = uri -> null;

  /** What is known of the data behind a uri; null when nothing was handed in. */
  @Nullable Known find(String uri);

  /** The answer to the need for one uri. */
  sealed interface Known {}

  /** The data: a plain JSON value. */
  record Value(@Nullable Object data) implements Known {}

  /**
   * Data of the iterations of a loop that have ended, by index; those that the decision itself has
   * ended may be missing.
   */
  record Iterations(Map<Integer, @Nullable Object> data) implements Known {}

  /**
   * It cannot be had, and that will not change: templates that touch it fail.
   *
   * @param sentence why, for people
   */
  record Missing(String sentence) implements Known {}
}
