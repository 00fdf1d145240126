package io.noetl.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Deals with fire times. Each of its steps may be repeated by anybody: a time is written down once,
 * with the id of its execution, and a start under that id happens once. Safe for use by many
 * threads.
 */
final class Firing {
  /** How soon a time that waits for the execution before it is looked at again. */
  static final Duration QUEUE_CHECK = Duration.ofSeconds(1);

  private final ScheduleStore store;
  private final ScheduleStarter starter;
  private final LongSupplier ids;
  private final ScheduleMetrics metrics;

  Firing(ScheduleStore store, ScheduleStarter starter, LongSupplier ids, ScheduleMetrics metrics) {
    this.store = store;
    this.starter = starter;
    this.ids = ids;
    this.metrics = metrics;
  }

  /**
   * One round of a schedule that is due.
   *
   * @return when it has to be looked at again whatever its next time; null = not before that
   */
  @Nullable Duration round(ScheduleRow row, ScheduleSpec spec, FirePlan plan) {
    boolean busy = false;
    for (Fire fire : store.open(row.tenantId(), row.path())) {
      busy |= !dealt(spec, fire);
    }
    for (Instant fireAt : plan.fires()) {
      Fire fire = store.claim(row.tenantId(), row.path(), fireAt, ids.getAsLong(), false);
      busy |= fire.open() && !dealt(spec, fire);
    }
    return busy ? QUEUE_CHECK : null;
  }

  /**
   * Fires a time that was in the past, beside whatever runs.
   *
   * @return what became of it, now or before
   */
  Fire backfill(ScheduleRow row, ScheduleSpec spec, Instant fireAt) {
    Fire fire = store.claim(row.tenantId(), row.path(), fireAt, ids.getAsLong(), true);
    if (fire.state() == Fire.State.CLAIMED) {
      start(spec, fire);
      return store.claim(row.tenantId(), row.path(), fireAt, fire.executionId(), true);
    }
    return fire;
  }

  /**
   * @return false when it has to be looked at again
   */
  private boolean dealt(ScheduleSpec spec, Fire fire) {
    List<Long> running =
        fire.backfill() || spec.overlap() == Overlap.ALLOW
            ? List.of()
            : store.running(fire.tenantId(), fire.path());
    if (running.isEmpty()) {
      return start(spec, fire);
    }
    long before = running.getFirst();
    return switch (spec.overlap()) {
      case ALLOW -> start(spec, fire);
      case SKIP -> settled(fire, Fire.State.SKIPPED, "execution " + before + " runs still");
      case QUEUE -> {
        if (fire.state() == Fire.State.QUEUED) {
          yield false;
        }
        boolean waits =
            store.open(fire.tenantId(), fire.path()).stream()
                .anyMatch(other -> other.state() == Fire.State.QUEUED);
        settled(
            fire,
            waits ? Fire.State.SKIPPED : Fire.State.QUEUED,
            waits ? "one waits already for execution " + before : "waits for execution " + before);
        yield waits;
      }
      case CANCEL -> {
        for (long executionId : running) {
          if (!starter.cancel(
              fire.tenantId(),
              executionId,
              "schedule " + fire.path() + " fires again (overlap: cancel)")) {
            yield false;
          }
        }
        yield start(spec, fire);
      }
    };
  }

  private boolean start(ScheduleSpec spec, Fire fire) {
    return switch (starter.start(spec, fire)) {
      case ScheduleStarter.Begun(long executionId) -> {
        store.settle(fire, Fire.State.STARTED, null, executionId);
        metrics.fired(Fire.State.STARTED);
        yield true;
      }
      case ScheduleStarter.Refused(String sentence) -> settled(fire, Fire.State.REFUSED, sentence);
      case ScheduleStarter.Later _ -> false;
    };
  }

  private boolean settled(Fire fire, Fire.State state, String reason) {
    store.settle(fire, state, reason, fire.executionId());
    metrics.fired(state);
    return true;
  }
}
