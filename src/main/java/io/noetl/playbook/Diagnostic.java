package io.noetl.playbook;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing to say about a playbook text.
 *
 * @param severity whether it refuses the document
 * @param rule stable identifier, for example {@code step.tool.missing}
 * @param httpStatus the answer of the register call when this were the only fault: 400, 413 or 422;
 *     200 for a warning
 * @param line from 1
 * @param column from 1, in characters
 * @param path where in the document, for example {@code workflow[2].next.arcs[0].step}; empty for
 *     the whole text
 * @param message what is wrong
 * @param hint what would be right, null when nothing useful can be said
 */
public record Diagnostic(
    Severity severity,
    String rule,
    int httpStatus,
    int line,
    int column,
    String path,
    String message,
    @Nullable String hint) {

  /** Whether a diagnostic refuses the document. */
  public enum Severity {
    ERROR,
    WARNING;

    /** The word in texts for people. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The members as the API shows them. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("path", path);
    map.put("line", line);
    map.put("column", column);
    map.put("rule", rule);
    map.put("message", message);
    if (hint != null) {
      map.put("hint", hint);
    }
    return map;
  }
}
