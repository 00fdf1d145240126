package io.noetl.credential;

import org.jspecify.annotations.Nullable;

/**
 * Which value of a keychain: {@code global} ones belong to a playbook version, {@code local} ones
 * to an execution and its children, {@code shared} ones to a playbook version or, when an execution
 * is named, to it.
 *
 * @param executionId always there for {@code local}, never for {@code global}
 */
public record KeychainKey(long catalogId, String name, Scope scope, @Nullable Long executionId) {

  /** For whom a value is. */
  public enum Scope {
    LOCAL,
    GLOBAL,
    SHARED;

    /** The word on the wire. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * @throws IllegalArgumentException for a local value without execution
   */
  public KeychainKey {
    if (scope == Scope.LOCAL && executionId == null) {
      throw new IllegalArgumentException(
          "Expected execution_id with scope_type local, but it is missing");
    }
    executionId = scope == Scope.GLOBAL ? null : executionId;
  }

  /** The key of the row, as clients see it. */
  public String text() {
    String start = name + ":" + catalogId + ":";
    return switch (scope) {
      case GLOBAL -> start + "global";
      case SHARED -> start + "shared" + (executionId == null ? "" : ":" + executionId);
      case LOCAL -> start + executionId;
    };
  }

  /** The same value of another execution. */
  KeychainKey of(long otherExecution) {
    return new KeychainKey(catalogId, name, scope, otherExecution);
  }
}
