package io.noetl.verify;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects findings: all are counted, the first of each rule are kept. For one thread. */
final class Findings {
  private final int mostPerRule;
  private final List<Finding> kept = new ArrayList<>();
  private final Map<Rule, Long> counts = new EnumMap<>(Rule.class);

  Findings(int mostPerRule) {
    this.mostPerRule = mostPerRule;
  }

  void add(Rule rule, long executionId, long id, String message) {
    if (counts.merge(rule, 1L, Long::sum) <= mostPerRule) {
      kept.add(new Finding(rule, executionId, id, message));
    }
  }

  List<Finding> kept() {
    return List.copyOf(kept);
  }

  Map<Rule, Long> counts() {
    return Map.copyOf(counts);
  }
}
