package io.noetl.api;

import io.noetl.admission.Overload;
import io.noetl.archive.ArchiveException;
import io.noetl.command.Claims;
import io.noetl.credential.UnreadableSecretException;
import io.noetl.envelope.Ids;
import io.noetl.envelope.NoIdsException;
import io.noetl.execution.Rejection;
import io.noetl.journal.IntentReply;
import io.noetl.journal.JournalUnavailableException;
import io.noetl.json.JsonException;
import io.noetl.postgres.DatabaseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is answered to each refusal and failure: the only place that knows codes and statuses. */
final class Problems {
  static final String INVALID = "invalid";

  private Problems() {}

  static Problem badRequest(String sentence) {
    return new Problem(400, "bad_request", sentence);
  }

  static Problem badJson(String sentence) {
    return new Problem(400, "bad_json", sentence);
  }

  static Problem badId(String sentence) {
    return new Problem(400, "bad_id", sentence);
  }

  static Problem badCursor(String sentence) {
    return new Problem(400, "bad_cursor", sentence);
  }

  static Problem badRef(String sentence) {
    return new Problem(400, "bad_ref", sentence);
  }

  static Problem expired(String sentence) {
    return new Problem(410, "expired", sentence);
  }

  static Problem notFound(String sentence) {
    return new Problem(404, "not_found", sentence);
  }

  static Problem methodNotAllowed(String method, String path, String allow) {
    return new Problem(
            405, "method_not_allowed", method + " is not allowed on " + path + "; use " + allow)
        .withHeader("Allow", allow);
  }

  static Problem conflict(String code, String sentence) {
    return new Problem(409, code, sentence);
  }

  static Problem tooLarge(String what, String limit, long limitBytes, String size) {
    return new Problem(
        413,
        "too_large",
        "Expected "
            + what
            + " of at most "
            + limitBytes
            + " bytes ("
            + limit
            + "), but got "
            + size);
  }

  static Problem invalid(String sentence) {
    return new Problem(422, INVALID, sentence);
  }

  static Problem invalid(String sentence, List<Map<String, @Nullable Object>> errors) {
    return new Problem(422, INVALID, sentence, errors, Map.of(), Map.of());
  }

  static Problem reservedType(String type) {
    return new Problem(
        422,
        "reserved_type",
        "Expected an event type that producers may send, but only the server writes '"
            + type
            + "'");
  }

  static Problem internal() {
    return new Problem(
        500, "internal", "The server failed; the log has more under this request id");
  }

  static Problem unavailable(String sentence) {
    return new Problem(503, "unavailable", sentence).retryAfter(1);
  }

  static Problem notConfigured(String sentence) {
    return new Problem(503, "not_configured", sentence).retryAfter(60);
  }

  private static Problem databaseUnavailable() {
    return new Problem(
            503, "database_unavailable", "The database cannot be reached or is busy; try again")
        .retryAfter(1);
  }

  static Problem of(IntentReply.Rejected rejected) {
    return of(rejected.reason(), rejected.sentence());
  }

  static Problem of(Rejection reason, String sentence) {
    return switch (reason) {
      case ALREADY_TERMINAL -> conflict("already_terminal", sentence);
      case UNKNOWN_EXECUTION -> notFound(sentence);
      case COMMAND_NOT_OPEN, STALE_FENCE -> conflict("stale_fence", sentence);
      case WAIT_NOT_OPEN -> conflict("conflict", sentence);
      case SIGNALS_FULL -> new Problem(429, "quota", sentence).retryAfter(1);
      case SIGNAL_TOO_LARGE -> new Problem(413, "too_large", sentence);
      case MOVED_ON -> conflict("version_conflict", sentence);
      case NO_OUTCOME -> invalid(sentence);
    };
  }

  static Problem of(Overload overload) {
    return new Problem(429, "overloaded", overload.sentence())
        .retryAfter(overload.retryAfterSeconds());
  }

  static Problem of(IntentReply.Busy busy) {
    Integer seconds = busy.retryAfterSeconds();
    return new Problem(429, "overloaded", busy.sentence())
        .retryAfter(seconds == null ? 1 : seconds);
  }

  /** The answer to an exception; null for one that is a fault of ours. */
  static @Nullable Problem of(Throwable failure) {
    return switch (failure) {
      case Problem.Refusal e -> e.problem();
      case Ids.BadIdException e -> badId(message(e));
      case JsonException e -> badJson(message(e));
      case Claims.OverloadedException e -> new Problem(429, "overloaded", message(e)).retryAfter(1);
      case UnreadableSecretException e ->
          switch (e.reason()) {
            case KEY_MISSING -> notConfigured(message(e));
            case CHANGED -> new Problem(500, "internal", message(e));
          };
      case JournalUnavailableException _ -> databaseUnavailable();
      case DatabaseException e when e.retryable() -> databaseUnavailable();
      case ArchiveException e -> new Problem(503, "unavailable", message(e)).retryAfter(30);
      case NoIdsException e -> new Problem(503, "unavailable", message(e)).retryAfter(1);
      default -> null;
    };
  }

  private static String message(Throwable e) {
    return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
  }
}
