package io.noetl.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that should be otherwise.
 *
 * @param executionId of which execution; 0 = of none in particular
 * @param id of the command, wait, event or result that it is about; 0 = the execution itself
 * @param message what was expected and what is there, for people
 */
public record Finding(Rule rule, long executionId, long id, String message) {

  /** Members as the API and {@code -o json} show them. */
  public Map<String, @Nullable Object> members() {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("rule", rule.word());
    out.put("invariant", rule.invariant());
    out.put("severity", rule.severity() == Rule.Severity.ERROR ? "error" : "warning");
    if (executionId != 0) {
      out.put("execution_id", Long.toString(executionId));
    }
    if (id != 0) {
      out.put("id", Long.toString(id));
    }
    out.put("message", message);
    return out;
  }
}
