package io.noetl.cli;

import org.jspecify.annotations.Nullable;

/** What picocli fills in after construction. */
final class Options {
  private Options() {}

  static <T> T given(@Nullable T filledIn) {
    if (filledIn == null) {
      throw new IllegalStateException("Expected picocli to fill in the options, but it has not");
    }
    return filledIn;
  }
}
