package io.noetl.bench;

import org.jspecify.annotations.Nullable;

/** The bench cannot go on; the message says what was expected and what came. */
public final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BenchException(String message) {
    super(message);
  }

  BenchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
