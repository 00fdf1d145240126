package io.noetl.tool;

import io.noetl.playbook.ToolKind;

/**
 * A field of a tool that cannot be used as it is. Thrown and caught inside one executor, which
 * turns it into a hard outcome of kind {@code configuration}.
 */
public final class InvalidConfig extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidConfig(String message) {
    super(message);
  }

  /** A required field is missing. */
  public static InvalidConfig missing(ToolKind kind, String field) {
    return new InvalidConfig("Invalid " + kind.word() + " config: missing field '" + field + "'");
  }
}
