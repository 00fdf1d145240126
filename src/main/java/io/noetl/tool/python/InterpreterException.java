package io.noetl.tool.python;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The call could not run to an end; carries the error object of the hard outcome. */
final class InterpreterException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, @Nullable Object> error;

  InterpreterException(Map<String, @Nullable Object> error) {
    super(String.valueOf(error.get("message")));
    this.error = error;
  }

  Map<String, @Nullable Object> error() {
    return error;
  }
}
