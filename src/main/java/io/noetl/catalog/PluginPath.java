package io.noetl.catalog;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which paths a plug-in may be registered under. Pure. */
public final class PluginPath {
  /** Longest path, in characters. */
  public static final int MAX_LENGTH = 255;

  private static final String SYSTEM = "system";

  private PluginPath() {}

  /** Why nobody may register this path; empty when it is well-formed. */
  public static Optional<String> fault(String path) {
    String normal = Catalog.normal(path);
    if (normal.isEmpty() || normal.length() > MAX_LENGTH) {
      return Optional.of(
          "Expected a path of 1 to " + MAX_LENGTH + " characters, but got " + normal.length());
    }
    if (!Normalizer.isNormalized(normal, Normalizer.Form.NFKC)) {
      // Two paths that a person cannot tell apart must not be two plug-ins.
      return Optional.of("Expected a path in Unicode normalisation form KC, but it is not");
    }
    for (String segment : List.of(normal.split("/", -1))) {
      if (segment.isBlank() || segment.equals(".") || segment.equals("..")) {
        return Optional.of(
            "Expected a path of names, but got the segment '" + segment + "' in " + normal);
      }
      if (segment.chars().anyMatch(Character::isISOControl)) {
        return Optional.of("Expected a path without control characters");
      }
    }
    return Optional.empty();
  }

  /** Whether the path is the system's own, which only the internal route may register. */
  public static boolean system(String path) {
    String first = Catalog.normal(path).split("/", 2)[0];
    return first.strip().toLowerCase(Locale.ROOT).equals(SYSTEM);
  }
}
