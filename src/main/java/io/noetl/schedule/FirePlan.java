package io.noetl.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule has to do at a moment. Pure.
 *
 * @param fires times that are due, the oldest first; at most {@value #MOST}
 * @param next the first time after the moment; null when there is none
 */
record FirePlan(List<Instant> fires, @Nullable Instant next) {
  /** Times that one round deals with; those before them count as missed. */
  static final int MOST = 1_000;

  FirePlan {
    fires = List.copyOf(fires);
  }

  /**
   * @param done all times up to here were dealt with
   */
  static FirePlan of(Timetable times, Misfire misfire, Instant done, Instant now) {
    Instant late = now.minus(misfire.after());
    Instant fresh = done.isAfter(late) ? done : late;
    List<Instant> fires = new ArrayList<>();
    if (done.isBefore(late)) {
      fires.addAll(
          switch (misfire.policy()) {
            case SKIP -> List.of();
            case ONCE -> newest(times, done, late, 1);
            case ALL -> newest(times, done, late, misfire.limit());
          });
    }
    fires.addAll(newest(times, fresh, now, MOST));
    return new FirePlan(
        fires.subList(Math.max(0, fires.size() - MOST), fires.size()), times.next(now));
  }

  /**
   * The newest times in a span, the oldest of them first. Looks back from its end in spans that
   * grow, so that a schedule that was away for years costs no more than one of yesterday.
   *
   * @param from exclusive
   * @param to inclusive
   */
  static List<Instant> newest(Timetable times, Instant from, Instant to, int most) {
    Duration span = Duration.ofMinutes(1);
    while (true) {
      Instant start = to.minus(span);
      boolean whole = !start.isAfter(from);
      Deque<Instant> found = new ArrayDeque<>();
      Instant at = times.next(whole ? from : start);
      while (at != null && !at.isAfter(to)) {
        found.addLast(at);
        if (found.size() > most) {
          found.removeFirst();
        }
        at = times.next(at);
      }
      if (whole || found.size() >= most) {
        return List.copyOf(found);
      }
      span = span.multipliedBy(8);
    }
  }

  /**
   * Times in a span, the oldest first.
   *
   * @param from inclusive
   * @param to exclusive
   * @param most of them; the caller sees by their number that there are more
   */
  static List<Instant> between(Timetable times, Instant from, Instant to, int most) {
    List<Instant> found = new ArrayList<>();
    Instant at = times.next(from.minusNanos(1));
    while (at != null && at.isBefore(to) && found.size() < most) {
      found.add(at);
      at = times.next(at);
    }
    return found;
  }
}
