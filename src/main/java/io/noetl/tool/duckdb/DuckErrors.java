package io.noetl.tool.duckdb;

import io.noetl.playbook.value.Errors;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Error objects of failed calls. */
public final class DuckErrors {
  private DuckErrors() {}

  /** The error of a statement, an attachment or the opening of a database. */
  public static Map<String, @Nullable Object> of(Exception problem) {
    String message = String.valueOf(problem.getMessage()).strip();
    if (message.contains("Failed to download extension")
        || (message.contains("Extension \"") && message.contains("not found"))) {
      message =
          "A DuckDB extension is not available: it is not on this machine"
              + " (duckdb.extension-folder) and could not be downloaded"
              + " (duckdb.download-extensions). "
              + message;
    }
    // Another process has the file open: it may be done soon.
    boolean locked = message.contains("Could not set lock on file");
    return Errors.of("database", "DUCKDB", message, locked);
  }

  /** The library is not part of this build, or cannot be loaded. */
  static Map<String, @Nullable Object> unavailable(LinkageError problem) {
    return Errors.of(
        "configuration",
        "DUCKDB_UNAVAILABLE",
        "DuckDB is not available on this machine ("
            + System.getProperty("os.name")
            + ", "
            + System.getProperty("os.arch")
            + "): "
            + root(problem).getMessage(),
        false);
  }

  /** The reason is far below, and only the first failure has it all. */
  private static Throwable root(Throwable problem) {
    Throwable at = problem;
    for (int depth = 0; depth < 16; depth++) {
      Throwable cause = at.getCause();
      if (cause == null) {
        return at;
      }
      at = cause;
    }
    return at;
  }
}
