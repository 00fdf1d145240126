package io.noetl.api;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Status words from outside, made one word each. */
final class StatusWords {
  private StatusWords() {}

  /**
   * @return the upper-case word, or null when it is none that is known
   */
  static @Nullable String normal(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "complete", "completed", "success", "succeeded", "done", "ok" -> "COMPLETED";
      case "error", "failed", "failure", "timeout" -> "FAILED";
      case "run", "running", "in_progress", "progress" -> "RUNNING";
      case "start", "started", "begin" -> "STARTED";
      case "canceled", "cancelled" -> "CANCELLED";
      case "pending" -> "PENDING";
      case "claimed" -> "CLAIMED";
      case "entered" -> "ENTERED";
      case "paused" -> "PAUSED";
      case "skipped" -> "SKIPPED";
      default -> null;
    };
  }
}
