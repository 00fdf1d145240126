package io.noetl.api;

import io.noetl.playbook.value.Errors;
import io.noetl.playbook.value.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a worker says a call came to, in the form of this system or in an older one: {@code {status,
 * data | context | reference, error}} with status words of many kinds and an error that may be a
 * mere sentence.
 */
final class ReportedOutcome {
  private static final Set<String> OUR_WORDS = Set.of("success", "error", "timeout", "skipped");

  private ReportedOutcome() {}

  /**
   * @param result the {@code result} member; null when there is none
   * @param error an {@code error} member beside it; null when there is none
   * @param failed whether the type of the event says that the call failed
   * @return null when the report says nothing about the outcome
   * @throws Problem.Refusal 422 when the status is no word that is known, or a member is damaged
   */
  static @Nullable Outcome of(@Nullable Object result, @Nullable Object error, boolean failed) {
    if (result instanceof Map<?, ?> map) {
      return of(named(map), error, failed);
    }
    if (result == null && error == null) {
      return null;
    }
    return failed || error != null
        ? Outcome.soft(result, errorObject(error))
        : Outcome.success(result);
  }

  private static Outcome of(
      Map<String, @Nullable Object> map, @Nullable Object outerError, boolean failed) {
    Object error = map.get("error") == null ? outerError : map.get("error");
    Object status = map.get("status");
    if (status instanceof String word
        && OUR_WORDS.contains(word)
        && (error == null || error instanceof Map<?, ?>)) {
      Outcome outcome = ours(map, error);
      return failed && outcome.succeeded() ? soft(outcome) : outcome;
    }
    if (!(status instanceof String word)) {
      // Not an envelope: the whole map is the data.
      return failed || error != null ? Outcome.soft(map, errorObject(error)) : Outcome.success(map);
    }
    String normal = StatusWords.normal(word);
    if (normal == null) {
      throw Members.fault(
          "context.result.status",
          "Expected a status such as COMPLETED or FAILED, but got '" + word + "'");
    }
    Object data = map.containsKey("data") ? map.get("data") : map.get("context");
    boolean bad = failed || error != null || !normal.equals("COMPLETED");
    Outcome outcome = bad ? Outcome.soft(data, errorObject(error)) : Outcome.success(data);
    return map.get("reference") instanceof Map<?, ?> reference
        ? referring(outcome, named(reference))
        : outcome;
  }

  private static Outcome ours(Map<String, @Nullable Object> map, @Nullable Object error) {
    Map<String, @Nullable Object> members = map;
    if (error != map.get("error")) {
      members = new LinkedHashMap<>(map);
      members.put("error", error);
    }
    try {
      return Outcome.fromMap(members);
    } catch (IllegalArgumentException e) {
      throw Members.fault("context.result", String.valueOf(e.getMessage()));
    }
  }

  private static Outcome soft(Outcome outcome) {
    return Outcome.soft(outcome.data(), errorObject(null)).withShape(outcome.shape());
  }

  private static Outcome referring(Outcome outcome, Map<String, @Nullable Object> reference) {
    return new Outcome(
        outcome.status(),
        outcome.shape(),
        outcome.data(),
        outcome.error(),
        outcome.hard(),
        outcome.http(),
        outcome.meta(),
        reference,
        outcome.streams());
  }

  private static Map<String, @Nullable Object> errorObject(@Nullable Object error) {
    if (error instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> members = toolError("the tool failed");
      named(map).forEach(members::put);
      return members;
    }
    return toolError(error == null ? "the tool reported a failure" : error.toString());
  }

  /** What a worker says when it failed and says no more. */
  static Outcome unexplained() {
    return Outcome.soft(null, toolError("the worker reported a failure without a reason"));
  }

  private static Map<String, @Nullable Object> toolError(String sentence) {
    return Errors.of("tool", "TOOL_ERROR", sentence, false);
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  private static Map<String, @Nullable Object> named(Map<?, ?> map) {
    return (Map<String, @Nullable Object>) map;
  }
}
