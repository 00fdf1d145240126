package io.noetl.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A refusal or failure as the caller sees it: one shape for every route.
 *
 * @param status HTTP status
 * @param code stable word that clients may switch on
 * @param sentence for people; never holds a stack trace, SQL text, class name or secret
 * @param errors every fault of a validation; empty for the rest
 * @param extra members that a route adds, such as {@code claimed_by}
 * @param headers such as {@code Retry-After}
 */
record Problem(
    int status,
    String code,
    String sentence,
    List<Map<String, @Nullable Object>> errors,
    Map<String, @Nullable Object> extra,
    Map<String, String> headers) {

  Problem {
    errors = List.copyOf(errors);
    headers = Map.copyOf(headers);
  }

  Problem(int status, String code, String sentence) {
    this(status, code, sentence, List.of(), Map.of(), Map.of());
  }

  Problem with(String name, @Nullable Object value) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>(extra);
    members.put(name, value);
    return new Problem(status, code, sentence, errors, members, headers);
  }

  Problem withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Problem(status, code, sentence, errors, extra, more);
  }

  Problem retryAfter(int seconds) {
    return with("retry_after_seconds", seconds)
        .withHeader("Retry-After", Integer.toString(seconds));
  }

  /** The body of the reply. */
  Map<String, @Nullable Object> body(String requestId) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("error", sentence);
    body.put("status", status);
    body.put("code", code);
    body.put("detail", sentence);
    body.put("request_id", requestId);
    if (!errors.isEmpty()) {
      body.put("errors", errors);
    }
    body.putAll(extra);
    return body;
  }

  /** Ends the handling of a request from within; caught at the edge, where it becomes the reply. */
  Refusal refusal() {
    return new Refusal(this);
  }

  /** A request that cannot be served as it is; carries what to answer. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Problem problem;

    Refusal(Problem problem) {
      super(problem.sentence(), null, false, false);
      this.problem = problem;
    }

    Problem problem() {
      return problem;
    }
  }
}
