package io.noetl.journal;

import io.noetl.playbook.value.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An outcome as the {@code result} member of an event: {@code {status, context, reference?}}. The
 * sentence of an error stands as {@code context.error}, where clients read it; the error object
 * beside it.
 */
final class OutcomeCodec {
  private static final String ERROR = "error";
  private static final String ERROR_OBJECT = "error_object";

  private OutcomeCodec() {}

  static Map<String, @Nullable Object> encode(Outcome outcome) {
    Map<String, @Nullable Object> context = outcome.toMap();
    Object reference = context.remove("reference");
    Map<String, @Nullable Object> error = outcome.error();
    if (error != null) {
      context.put(ERROR, error.get("message"));
      context.put(ERROR_OBJECT, error);
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    result.put("status", outcome.succeeded() ? "COMPLETED" : "FAILED");
    if (reference != null) {
      result.put("reference", reference);
    }
    result.put("context", context);
    return result;
  }

  static Outcome decode(Map<String, @Nullable Object> result) {
    Map<String, @Nullable Object> context = new LinkedHashMap<>(Members.map(result, "context"));
    Object error = context.remove(ERROR_OBJECT);
    context.remove(ERROR);
    if (error != null) {
      context.put(ERROR, error);
    }
    if (result.get("reference") != null) {
      context.put("reference", result.get("reference"));
    }
    return Outcome.fromMap(context);
  }

  static @Nullable String sentence(Outcome outcome) {
    Map<String, @Nullable Object> error = outcome.error();
    Object message = error == null ? null : error.get("message");
    return message == null ? null : message.toString();
  }
}
