package io.noetl.tool.nats;

import io.nats.client.AuthenticationException;
import io.nats.client.JetStreamApiException;
import io.noetl.playbook.value.Errors;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Error objects of calls that failed; all of them are hard. */
final class NatsFailures {
  private static final int STREAM_NOT_FOUND = 10059;
  private static final int MESSAGE_NOT_FOUND = 10037;
  private static final int CONSUMER_NOT_FOUND = 10014;
  private static final int SERVER_ERRORS_FROM = 500;

  private NatsFailures() {}

  /** The answer of the server to an operation. */
  static Map<String, @Nullable Object> answered(
      String what, int status, int code, @Nullable String description) {
    boolean missing =
        code == STREAM_NOT_FOUND || code == MESSAGE_NOT_FOUND || code == CONSUMER_NOT_FOUND;
    return Errors.of(
        missing ? "not_found" : "nats",
        "NATS_" + (code > 0 ? code : status),
        "Expected " + what + ", but the server answered: " + description,
        status >= SERVER_ERRORS_FROM);
  }

  static Map<String, @Nullable Object> answered(String what, JetStreamApiException e) {
    return answered(what, e.getErrorCode(), e.getApiErrorCode(), e.getErrorDescription());
  }

  /** No answer, or no connection. */
  static Map<String, @Nullable Object> broken(String what, String url, Exception e) {
    if (e.getCause() instanceof JetStreamApiException answer) {
      return answered(what, answer);
    }
    String message = NatsIdentity.withoutLogins(String.valueOf(e.getMessage()));
    if (e instanceof AuthenticationException) {
      return Errors.of("auth", "NATS_AUTH", "Server " + url + " refused: " + message, false);
    }
    boolean silent = message.toLowerCase(Locale.ROOT).contains("timeout");
    if (silent && e instanceof IOException) {
      return Errors.timeout("Expected " + what + ", but " + url + " did not answer in time");
    }
    return Errors.of(
        "connection",
        "CONN_ERROR",
        "Expected " + what + ", but the connection to " + url + " failed: " + message,
        true);
  }
}
