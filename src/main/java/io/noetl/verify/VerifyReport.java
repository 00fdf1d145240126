package io.noetl.verify;

import io.noetl.verify.Rule.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What one look at a database has come to.
 *
 * @param at moment of the snapshot, by the database's clock
 * @param executions how many were looked at; rows and logs without a row
 * @param findings the first of each rule
 * @param counts all findings by rule
 */
public record VerifyReport(
    Instant at,
    long executions,
    long events,
    long commands,
    long waits,
    long results,
    List<Finding> findings,
    Map<Rule, Long> counts,
    Duration took) {
  public VerifyReport {
    findings = List.copyOf(findings);
    counts = Map.copyOf(counts);
  }

  public long errors() {
    return count(Severity.ERROR);
  }

  public long warnings() {
    return count(Severity.WARNING);
  }

  private long count(Severity severity) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getKey().severity() == severity)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Events per second, rounded. */
  public long eventsPerSecond() {
    return took.isZero() ? events : Math.round(events * 1e9 / took.toNanos());
  }
}
