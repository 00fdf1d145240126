package io.noetl.verify;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a look at one execution has come to.
 *
 * @param found what was wrong at first
 * @param repairs what was done about it, in order
 * @param left what is wrong still; the same as found when nothing was to be done
 */
public record Diagnosis(
    long executionId, List<Finding> found, List<Repair> repairs, List<Finding> left) {
  public Diagnosis {
    found = List.copyOf(found);
    repairs = List.copyOf(repairs);
    left = List.copyOf(left);
  }

  /**
   * @param rule what was broken
   * @param id of the command, wait or execution
   * @param action what was done, for people
   */
  public record Repair(Rule rule, long id, String action) {
    /** Members as the API shows them. */
    public Map<String, @Nullable Object> members() {
      Map<String, @Nullable Object> out = new LinkedHashMap<>();
      out.put("rule", rule.word());
      out.put("id", Long.toString(id));
      out.put("action", action);
      return out;
    }
  }

  /** Whether an invariant is broken still. */
  public boolean broken() {
    return left.stream().anyMatch(finding -> finding.rule().severity() == Rule.Severity.ERROR);
  }
}
