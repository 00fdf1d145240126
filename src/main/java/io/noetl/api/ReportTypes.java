package io.noetl.api;

import io.noetl.envelope.EventType;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names of event types as producers send them. */
final class ReportTypes {
  /** Older names of what only the server writes. */
  private static final Set<String> RESERVED_ALIASES =
      Set.of(
          "playbook_completed",
          "playbook_failed",
          "playbook_cancelled",
          "playbook.initialized",
          "playbook.started",
          "step_enter",
          "step_started",
          "step_skipped");

  private ReportTypes() {}

  /** The name of today for a name that may be an older one. */
  static String today(String type) {
    return switch (type) {
      case "action_started" -> EventType.COMMAND_STARTED;
      case "action_completed", "action_done" -> EventType.CALL_DONE;
      case "action_failed" -> EventType.CALL_ERROR;
      case "step_completed", "step_failed" -> EventType.STEP_EXIT;
      default -> type;
    };
  }

  /**
   * @throws Problem.Refusal 422 when producers may not send it
   */
  static void check(String type) {
    if (EventType.reserved(type) || RESERVED_ALIASES.contains(type)) {
      throw Problems.reservedType(type).refusal();
    }
    if (type.length() > EventType.MAX_LENGTH) {
      throw Members.fault(
          "event_type",
          "Expected an event type of at most "
              + EventType.MAX_LENGTH
              + " characters, but got "
              + type.length());
    }
  }

  /**
   * The status that is stored: that of the type, else the producer's word made one of ours.
   *
   * @throws Problem.Refusal 422 when the word is not known
   */
  static @Nullable String status(String type, @Nullable String given) {
    String own =
        switch (type) {
          case EventType.COMMAND_STARTED, EventType.CONTAINER_DISPATCHED -> "RUNNING";
          case EventType.CALL_DONE -> "COMPLETED";
          case EventType.CALL_ERROR -> "FAILED";
          default -> null;
        };
    if (own != null || given == null) {
      return own;
    }
    String normal = StatusWords.normal(given);
    if (normal == null) {
      throw Members.fault(
          "status", "Expected status to be a word such as COMPLETED, but got '" + given + "'");
    }
    return normal;
  }
}
