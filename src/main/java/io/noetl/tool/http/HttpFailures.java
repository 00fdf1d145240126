package io.noetl.tool.http;

import io.noetl.playbook.value.Errors;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Error objects of answers and of calls without an answer. */
final class HttpFailures {
  private HttpFailures() {}

  /** The error of an answer outside 200-299. */
  static Map<String, @Nullable Object> ofStatus(int status) {
    String kind;
    boolean retryable = false;
    switch (status) {
      case 429 -> {
        kind = "rate_limit";
        retryable = true;
      }
      case 401, 403 -> kind = "auth";
      case 404 -> kind = "not_found";
      default -> {
        kind = status >= 500 ? "server_error" : "client_error";
        retryable = status >= 500 || status == 408;
      }
    }
    Map<String, @Nullable Object> error =
        Errors.of(kind, "HTTP_" + status, "HTTP " + status + " response", retryable);
    error.put("status", (long) status);
    error.put("status_code", (long) status);
    return error;
  }

  /** The error of a call that brought no answer. */
  static Map<String, @Nullable Object> ofException(Throwable problem, String target) {
    if (problem instanceof LimitedBody.TooLarge) {
      return Errors.of("limit", "BODY_TOO_LARGE", String.valueOf(problem.getMessage()), false);
    }
    boolean refused = false;
    @Nullable Throwable at = problem;
    for (int depth = 0; at != null && depth < 16; depth++) {
      if (at instanceof HttpTimeoutException) {
        return timeout(target);
      }
      if (at instanceof UnresolvedAddressException || at instanceof UnknownHostException) {
        return Errors.of("connection", "DNS_ERROR", "Host of " + target + " not found", true);
      }
      if (at instanceof SSLException) {
        return Errors.of(
            "connection", "CONN_ERROR", "TLS to " + target + " failed: " + at.getMessage(), true);
      }
      String message = at.getMessage();
      refused |=
          at instanceof ConnectException
              && (message == null || message.toLowerCase(Locale.ROOT).contains("refused"));
      at = at.getCause();
    }
    String detail = problem.getMessage();
    return refused
        ? Errors.of("connection", "CONN_REFUSED", "Connection to " + target + " refused", true)
        : Errors.of(
            "connection",
            "CONN_ERROR",
            "Connection to "
                + target
                + " failed: "
                + (detail == null ? problem.getClass().getSimpleName() : detail),
            true);
  }

  static Map<String, @Nullable Object> timeout(String target) {
    return Errors.timeout("Request to " + target + " timed out");
  }
}
