package io.noetl.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/** When a schedule fires. Pure: the same moment always has the same next one. */
sealed interface Timetable {
  /**
   * The first fire time after a moment.
   *
   * @return null when there is none
   */
  @Nullable Instant next(Instant after);

  /**
   * By the clock on the wall of a zone.
   *
   * <p>Where clocks are put back, a local time comes twice: an expression that matches in every
   * hour fires both times, any other at the first. Where they are put forward, local times are
   * skipped: an expression that matches in every hour has none there, any other fires once, at the
   * moment of the change.
   */
  record Wall(Cron cron, ZoneId zone) implements Timetable {
    @Override
    public @Nullable Instant next(Instant after) {
      ZoneRules rules = zone.getRules();
      Instant from = after;
      boolean inclusive = false;
      while (true) {
        ZoneOffset offset = rules.getOffset(from);
        LocalDateTime lower = LocalDateTime.ofInstant(from, offset);
        if (!inclusive) {
          lower = lower.plusNanos(1);
        }
        LocalDateTime repeatedUntil = repeatedUntil(rules, from);
        if (repeatedUntil != null && lower.isBefore(repeatedUntil)) {
          lower = repeatedUntil;
        }
        LocalDateTime hit = cron.nextOrSame(lower);
        ZoneOffsetTransition change = rules.nextTransition(from);
        if (hit == null) {
          return null;
        }
        Instant at = hit.toInstant(offset);
        if (change == null || at.isBefore(change.getInstant())) {
          return at;
        }
        if (change.isGap() && !cron.everyHour() && hit.isBefore(change.getDateTimeAfter())) {
          return change.getInstant();
        }
        from = change.getInstant();
        inclusive = true;
      }
    }

    /** Until when local times have been there before; null when they are new. */
    private @Nullable LocalDateTime repeatedUntil(ZoneRules rules, Instant at) {
      if (cron.everyHour()) {
        return null;
      }
      ZoneOffsetTransition last = rules.previousTransition(at.plusNanos(1));
      return last != null && last.isOverlap() ? last.getDateTimeBefore() : null;
    }
  }

  /**
   * Every so often, counted from an anchor, so that the times do not depend on when it was
   * registered.
   *
   * @param every at least a second
   */
  record Every(Duration every, Instant anchor) implements Timetable {
    @Override
    public Instant next(Instant after) {
      long step = every.toMillis();
      long passed = Math.floorDiv(Duration.between(anchor, after).toMillis(), step);
      Instant next = anchor.plusMillis(Math.multiplyExact(passed, step));
      while (!next.isAfter(after)) {
        next = next.plusMillis(step);
      }
      return next;
    }
  }

  /**
   * Within bounds.
   *
   * @param start null = since ever
   * @param end null = for ever
   */
  record Between(Timetable times, @Nullable Instant start, @Nullable Instant end)
      implements Timetable {
    @Override
    public @Nullable Instant next(Instant after) {
      Instant from = start != null && after.isBefore(start) ? start.minusNanos(1) : after;
      Instant next = times.next(from);
      return next == null || end != null && !next.isBefore(end) ? null : next;
    }
  }
}
