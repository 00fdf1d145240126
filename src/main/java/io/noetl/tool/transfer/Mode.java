package io.noetl.tool.transfer;

import io.noetl.tool.InvalidConfig;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What becomes of the rows that the target has already. */
enum Mode {
  /** They stay. */
  APPEND,
  /** They go. */
  REPLACE,
  /** Those with the same key are changed. */
  UPSERT;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Mode of(@Nullable String word) {
    String mode = word == null || word.isBlank() ? "append" : word.strip();
    return switch (mode.toLowerCase(Locale.ROOT)) {
      case "append", "insert" -> APPEND;
      case "replace" -> REPLACE;
      case "upsert" -> UPSERT;
      default ->
          throw new InvalidConfig(
              "Invalid transfer config: expected field 'mode' to be append, replace or upsert, but"
                  + " it is '"
                  + mode
                  + "'");
    };
  }
}
