package io.noetl.api;

import org.jspecify.annotations.Nullable;

/** Decides in process who a caller is and whether the route is for them. Safe for many threads. */
public interface Access {

  /**
   * @param authorization the header as sent, or null
   * @param wanted the class of the route
   */
  Decision decide(@Nullable String authorization, AccessClass wanted);

  /** The word that health shows, such as {@code off}. */
  String mode();

  /** Whether the caller may go on. */
  sealed interface Decision {
    record Granted(Caller caller) implements Decision {}

    /** No, or an expired, proof of who it is. */
    record Unauthenticated(String sentence) implements Decision {}

    /** Known, and not allowed. */
    record Forbidden(String sentence) implements Decision {}

    /** The server lacks what it would need to decide. */
    record NotConfigured(String sentence) implements Decision {}
  }
}
