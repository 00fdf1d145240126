package io.noetl.playbook.value;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the error objects that templates, events and people see. */
public final class Errors {
  private Errors() {}

  /**
   * @param kind the class of fault, for example {@code timeout} or {@code configuration}
   * @param code a stable word, for example {@code TIMEOUT}
   * @param message the sentence for a person
   * @param retryable whether the same call may succeed later
   */
  public static Map<String, @Nullable Object> of(
      String kind, String code, String message, boolean retryable) {
    Map<String, @Nullable Object> error = new LinkedHashMap<>();
    error.put("kind", kind);
    error.put("retryable", retryable);
    error.put("code", code);
    error.put("message", message);
    return error;
  }

  public static Map<String, @Nullable Object> configuration(String message) {
    return of("configuration", "CONFIGURATION", message, false);
  }

  public static Map<String, @Nullable Object> template(String message) {
    return of("template", "TEMPLATE", message, false);
  }

  public static Map<String, @Nullable Object> timeout(String message) {
    return of("timeout", "TIMEOUT", message, true);
  }
}
