package io.noetl.execution;

import io.noetl.json.Weight;
import io.noetl.playbook.value.Outcome;
import io.noetl.playbook.value.References;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One visit of a step with a loop, while it runs: counters. The outcomes of its iterations are in
 * their events, and nowhere else.
 *
 * @param items what it runs over; of a cursor loop the rows of its frame
 * @param next index in the items of the iteration to start next
 * @param inFlight iterations that were started and have not ended
 * @param succeeded how many ended well
 * @param failed how many ended with an error
 * @param bytes about how much the data of those that have ended weighs as JSON
 * @param stopped the outcome that ended the loop early; null while it goes on
 * @param frames how far the cursor is; null for a loop over a collection
 */
public record LoopRun(
    int visit,
    LoopItems items,
    int maxInFlight,
    int next,
    int inFlight,
    int succeeded,
    int failed,
    long bytes,
    @Nullable Outcome stopped,
    @Nullable Frames frames) {

  /**
   * How far a cursor is.
   *
   * @param maxRows rows to ask for in one claim
   * @param whole whether the body runs once per frame, not once per row
   * @param claimed frames that held rows
   * @param before iterations of the frames before this one
   * @param claiming whether a claim is under way
   * @param drained whether the last claim gave no rows
   */
  public record Frames(
      int maxRows, boolean whole, int claimed, int before, boolean claiming, boolean drained) {}

  static final String RESULTS = "results";
  private static final String DATA = "data";
  private static final String STATS = "stats";
  private static final String COUNT = "count";

  static LoopRun of(int visit, LoopItems items, int maxInFlight) {
    return new LoopRun(visit, items, maxInFlight, 0, 0, 0, 0, 0, null, null);
  }

  /** A cursor before its first claim. */
  static LoopRun ofCursor(int visit, int maxRows, int rowConcurrency, boolean whole) {
    return new LoopRun(
        visit,
        new LoopItems.Numbers(0),
        rowConcurrency,
        0,
        0,
        0,
        0,
        0,
        null,
        new Frames(maxRows, whole, 0, 0, false, false));
  }

  int total() {
    return items.total();
  }

  /** Whether another iteration may be started now. */
  boolean mayStart() {
    return stopped == null && next < total() && inFlight < maxInFlight;
  }

  /** Whether nothing is left to wait for. */
  boolean over() {
    if (inFlight > 0 || (frames != null && frames.claiming())) {
      return false;
    }
    return stopped != null || (frames == null ? next >= total() : frames.drained());
  }

  /** Whether the frame is used up and the next must be claimed. */
  boolean mayClaim() {
    return frames != null
        && stopped == null
        && inFlight == 0
        && next >= total()
        && !frames.claiming()
        && !frames.drained();
  }

  /** Number of the iteration among all of the visit; the index counts in its frame. */
  int number(int index) {
    return frames == null ? index : frames.before() + index;
  }

  LoopRun started() {
    return new LoopRun(
        visit,
        items,
        maxInFlight,
        next + 1,
        inFlight + 1,
        succeeded,
        failed,
        bytes,
        stopped,
        frames);
  }

  LoopRun claiming() {
    return with(new LoopItems.Numbers(0), 0, stopped, frames(total(), true, false));
  }

  /**
   * @param rows of the frame; none: the cursor is drained
   */
  LoopRun claimed(LoopItems rows) {
    boolean drained = rows.total() == 0;
    Frames now = frames(0, false, drained);
    return with(
        rows,
        0,
        stopped,
        drained
            ? now
            : new Frames(
                now.maxRows(), now.whole(), now.claimed() + 1, now.before(), false, false));
  }

  /** The claim failed, and with it the loop. */
  LoopRun broken(Outcome outcome) {
    return with(items, next, outcome, frames(0, false, false));
  }

  private LoopRun with(LoopItems ofNow, int nextNow, @Nullable Outcome stop, Frames framesNow) {
    return new LoopRun(
        visit, ofNow, maxInFlight, nextNow, inFlight, succeeded, failed, bytes, stop, framesNow);
  }

  private Frames frames(int finished, boolean claiming, boolean drained) {
    Frames old = Objects.requireNonNull(frames, "frames");
    return new Frames(
        old.maxRows(), old.whole(), old.claimed(), old.before() + finished, claiming, drained);
  }

  LoopRun ended(Outcome outcome, boolean stops) {
    boolean good = outcome.succeeded();
    return new LoopRun(
        visit,
        items,
        maxInFlight,
        next,
        inFlight - 1,
        succeeded + (good ? 1 : 0),
        failed + (good ? 0 : 1),
        bytes + weight(outcome),
        stops && stopped == null ? outcome : stopped,
        frames);
  }

  private static long weight(Outcome outcome) {
    Map<String, @Nullable Object> reference = outcome.reference();
    return outcome.data() == null
            && reference != null
            && reference.get(References.BYTES) instanceof Number bytes
        ? bytes.longValue()
        : Weight.of(outcome.data());
  }

  /**
   * The outcome of the whole loop. Its data is not in it but is made of the events of the
   * iterations when something touches it.
   */
  Outcome outcome(long executionId, String step) {
    if (stopped != null) {
      return stopped;
    }
    Outcome whole = Outcome.success(null).withShape(Outcome.Shape.LOOP);
    if (frames != null) {
      return References.with(whole, drained(frames), null);
    }
    if (total() == 0) {
      return References.with(whole, value(List.of(), stats()), null);
    }
    Map<String, @Nullable Object> reference = new LinkedHashMap<>();
    reference.put(References.URI, ResultUris.ofLoop(executionId, step, visit));
    reference.put("kind", "loop_ref");
    reference.put(References.STORE, "eventlog");
    reference.put("scope", "execution");
    // Its results are shown twice, under two names.
    reference.put(References.BYTES, 2 * bytes);
    reference.put(References.TYPE, "object");
    reference.put(References.KEYS, List.of(RESULTS, DATA, STATS, COUNT));
    Map<String, @Nullable Object> extracted = new LinkedHashMap<>();
    extracted.put(STATS, stats());
    extracted.put(COUNT, (long) total());
    reference.put(References.EXTRACTED, extracted);
    return References.with(whole, null, reference);
  }

  private Map<String, @Nullable Object> drained(Frames all) {
    Map<String, @Nullable Object> value = new LinkedHashMap<>();
    value.put("cursor", "drained");
    value.put("frames", (long) all.claimed());
    value.put(STATS, stats());
    value.put(RESULTS, List.of());
    return value;
  }

  private Map<String, @Nullable Object> stats() {
    Map<String, @Nullable Object> stats = new LinkedHashMap<>();
    stats.put("total", frames == null ? (long) total() : (long) succeeded + failed);
    stats.put("success", (long) succeeded);
    stats.put("failed", (long) failed);
    return stats;
  }

  /** The data of a loop: its results in the order of their indexes, whatever the mode. */
  public static Map<String, @Nullable Object> value(
      List<? extends @Nullable Object> results, @Nullable Object stats) {
    Map<String, @Nullable Object> value = new LinkedHashMap<>();
    value.put(RESULTS, results);
    value.put(DATA, results);
    value.put(STATS, stats);
    value.put(COUNT, (long) results.size());
    return value;
  }

  /** The names that an iteration adds. */
  Map<String, @Nullable Object> iter(String iterator, int iteration, @Nullable Object item) {
    Map<String, @Nullable Object> iter = new LinkedHashMap<>();
    iter.put("item", item);
    iter.put(iterator, item);
    iter.put("_index", (long) iteration);
    iter.put("index", (long) iteration);
    iter.put("_total", (long) total());
    iter.put("total", (long) total());
    iter.put("_first", iteration == 0);
    iter.put("_last", iteration == total() - 1);
    if (frames != null) {
      iter.put("__cursor_row", item);
      iter.put("__cursor_frame", (long) frames.claimed() - 1);
    }
    return iter;
  }
}
