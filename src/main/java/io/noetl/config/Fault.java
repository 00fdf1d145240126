package io.noetl.config;

import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with the settings.
 *
 * @param where the source and the name that the person wrote there, such as {@code environment
 *     NOETL_SERVER_PORT}
 * @param key the key that it concerns, or null when there is none
 * @param problem what is wrong and what would be right
 */
public record Fault(String where, @Nullable String key, String problem) {
  @Override
  public String toString() {
    return key == null || where.endsWith(key)
        ? where + ": " + problem
        : where + " (" + key + "): " + problem;
  }
}
