package io.noetl.execution;

import io.noetl.playbook.value.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * One visit of a step with a loop, while it runs.
 *
 * @param items what it runs over
 * @param next index of the iteration to start next
 * @param inFlight iterations that were started and have not ended
 * @param data tool data of the iterations that have ended, by index
 * @param succeeded how many ended well
 * @param failed how many ended with an error
 * @param stopped the outcome that ended the loop early; null while it goes on
 */
public record LoopRun(
    int visit,
    List<@Nullable Object> items,
    int maxInFlight,
    int next,
    int inFlight,
    PMap<Integer, @Nullable Object> data,
    int succeeded,
    int failed,
    @Nullable Outcome stopped) {

  static LoopRun of(int visit, List<@Nullable Object> items, int maxInFlight) {
    return new LoopRun(visit, items, maxInFlight, 0, 0, HashTreePMap.empty(), 0, 0, null);
  }

  int total() {
    return items.size();
  }

  /** Whether another iteration may be started now. */
  boolean mayStart() {
    return stopped == null && next < total() && inFlight < maxInFlight;
  }

  /** Whether nothing is left to wait for. */
  boolean over() {
    return inFlight == 0 && (stopped != null || next >= total());
  }

  LoopRun started() {
    return new LoopRun(
        visit, items, maxInFlight, next + 1, inFlight + 1, data, succeeded, failed, stopped);
  }

  LoopRun ended(int iteration, Outcome outcome, boolean stops) {
    boolean good = outcome.succeeded();
    return new LoopRun(
        visit,
        items,
        maxInFlight,
        next,
        inFlight - 1,
        data.plus(iteration, outcome.data()),
        succeeded + (good ? 1 : 0),
        failed + (good ? 0 : 1),
        stops && stopped == null ? outcome : stopped);
  }

  /** The outcome of the whole loop: ordered by index in every mode. */
  Outcome outcome() {
    if (stopped != null) {
      return stopped;
    }
    List<@Nullable Object> results = new ArrayList<>(total());
    for (int i = 0; i < total(); i++) {
      results.add(data.get(i));
    }
    Map<String, @Nullable Object> stats = new LinkedHashMap<>();
    stats.put("total", (long) total());
    stats.put("success", (long) succeeded);
    stats.put("failed", (long) failed);
    Map<String, @Nullable Object> value = new LinkedHashMap<>();
    value.put("results", results);
    value.put("data", results);
    value.put("stats", stats);
    value.put("count", (long) total());
    return Outcome.success(value).withShape(Outcome.Shape.LOOP);
  }

  /** The names that an iteration adds. */
  Map<String, @Nullable Object> iter(String iterator, int iteration) {
    Map<String, @Nullable Object> iter = new LinkedHashMap<>();
    iter.put("item", items.get(iteration));
    iter.put(iterator, items.get(iteration));
    iter.put("_index", (long) iteration);
    iter.put("index", (long) iteration);
    iter.put("_total", (long) total());
    iter.put("total", (long) total());
    iter.put("_first", iteration == 0);
    iter.put("_last", iteration == total() - 1);
    return iter;
  }
}
