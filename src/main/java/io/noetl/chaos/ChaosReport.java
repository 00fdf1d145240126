package io.noetl.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run has come to.
 *
 * @param executions that clients started and that were accepted
 * @param fired executions that schedules started
 * @param children executions that those started
 * @param events in the log
 * @param expired leases that ran out
 * @param effects things that steps did outside, each counted once
 * @param repeatedEffects how often one of them was done once more
 * @param endedByThemselves roles that ended without having been killed, each time
 * @param quiet how long everything took to end after the last fault
 * @param sizes of everything, from before the first fault to the end; one or more
 * @param totals violations by sort, over all faults and none
 * @param violations the first of them, as sentences
 */
public record ChaosReport(
    long seed,
    Duration length,
    long executions,
    long fired,
    long children,
    long events,
    long expired,
    long effects,
    long repeatedEffects,
    List<String> endedByThemselves,
    Duration quiet,
    List<FaultRow> faults,
    List<SizeSample> sizes,
    Map<String, Long> totals,
    List<String> violations) {

  /**
   * All faults of one kind. An execution that several faults may have touched counts for each.
   *
   * @param inFlight executions that ran when they began
   * @param recoveryP50 median of the time from a fault's end until all that it hit had ended, ms
   */
  public record FaultRow(
      String kind,
      int times,
      long inFlight,
      long lost,
      long doubled,
      long stuck,
      long disordered,
      long recoveryP50,
      long recoveryMax) {}

  public ChaosReport {
    endedByThemselves = List.copyOf(endedByThemselves);
    faults = List.copyOf(faults);
    sizes = List.copyOf(sizes);
    totals = Map.copyOf(totals);
    violations = List.copyOf(violations);
  }

  /** Whether nothing was lost, doubled, stuck or out of order. */
  public boolean passed() {
    return totals.values().stream().allMatch(count -> count == 0);
  }

  /** Members for {@code -o json}. */
  public Map<String, @Nullable Object> members() {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("passed", passed());
    out.put("seed", seed);
    out.put("seconds", length.toSeconds());
    out.put("executions", executions);
    out.put("fired", fired);
    out.put("children", children);
    out.put("events", events);
    out.put("expired_leases", expired);
    out.put("effects", effects);
    out.put("repeated_effects", repeatedEffects);
    out.put("ended_by_themselves", endedByThemselves);
    out.put("quiet_ms", quiet.toMillis());
    List<Object> rows = new ArrayList<>();
    for (FaultRow row : faults) {
      Map<String, Object> fault = new LinkedHashMap<>();
      fault.put("kind", row.kind());
      fault.put("times", row.times());
      fault.put("in_flight", row.inFlight());
      fault.put("lost", row.lost());
      fault.put("doubled", row.doubled());
      fault.put("stuck", row.stuck());
      fault.put("disordered", row.disordered());
      fault.put("recovery_p50_ms", row.recoveryP50());
      fault.put("recovery_max_ms", row.recoveryMax());
      rows.add(fault);
    }
    out.put("faults", rows);
    out.put("sizes", sizes.stream().map(SizeSample::members).toList());
    out.put("totals", totals);
    out.put("violations", violations);
    return out;
  }

  /** For people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "seed %d, %d s of faults: %d executions, %d of schedules, %d children, %d events, %d leases ran out\n"
            .formatted(seed, length.toSeconds(), executions, fired, children, events, expired));
    text.append(
        "%d effects, %d repetitions of them; quiet %.1f s after the last fault; %d roles ended by themselves%s\n\n"
            .formatted(
                effects,
                repeatedEffects,
                quiet.toMillis() / 1000.0,
                endedByThemselves.size(),
                endedByThemselves.isEmpty() ? "" : ": " + endedByThemselves));
    String line = "%-20s %6s %10s %6s %8s %6s %11s %14s %9s\n";
    text.append(
        line.formatted(
            "fault",
            "times",
            "in flight",
            "lost",
            "doubled",
            "stuck",
            "disordered",
            "recovery p50",
            "max"));
    for (FaultRow row : faults) {
      text.append(
          line.formatted(
              row.kind(),
              row.times(),
              row.inFlight(),
              row.lost(),
              row.doubled(),
              row.stuck(),
              row.disordered(),
              "%.1f s".formatted(row.recoveryP50() / 1000.0),
              "%.1f s".formatted(row.recoveryMax() / 1000.0)));
    }
    text.append("\n");
    text.append(sizes.getFirst().text(sizes.getLast()));
    text.append("\n").append(passed() ? "passed: " : "FAILED: ");
    List<String> counts = new ArrayList<>();
    for (Violation.Sort sort : Violation.Sort.values()) {
      String word = sort.name().toLowerCase(java.util.Locale.ROOT);
      counts.add(totals.getOrDefault(word, 0L) + " " + word);
    }
    text.append(String.join(", ", counts)).append("\n");
    violations.forEach(violation -> text.append("  ").append(violation).append("\n"));
    return text.toString();
  }
}
