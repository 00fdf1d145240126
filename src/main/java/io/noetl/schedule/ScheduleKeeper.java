package io.noetl.schedule;

import io.noetl.envelope.NoIdsException;
import io.noetl.journal.JournalUnavailableException;
import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.support.Rounds;
import io.noetl.wait.Cascade;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fires schedules that are due. Any number of servers may do so at once: a due schedule is taken by
 * one of them, and what it leaves half done is taken up by another after {@code schedules.retry}.
 */
public final class ScheduleKeeper implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(ScheduleKeeper.class);

  /** Schedules of one sweep; the next follows at once when there were that many. */
  private static final int BATCH = 100;

  private final Schedules schedules;
  private final ScheduleStore store;
  private final Firing firing;
  private final ScheduleSettings settings;
  private final Rounds rounds;

  ScheduleKeeper(
      Schedules schedules,
      ScheduleStore store,
      Firing firing,
      ScheduleSettings settings,
      Progress.Loop progress) {
    this.schedules = schedules;
    this.store = store;
    this.firing = firing;
    this.settings = settings;
    this.rounds =
        new Rounds(
            "schedules",
            settings.sweep(),
            progress,
            Set.of(
                DatabaseException.class,
                JournalUnavailableException.class,
                NoIdsException.class,
                Cascade.BusyException.class),
            () -> sweep() < BATCH ? Rounds.Next.LATER : Rounds.Next.AT_ONCE);
  }

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void close() {
    rounds.close();
  }

  /**
   * Fires all schedules that are due, and returns how many there were. The next round is at the
   * next due time.
   */
  int sweep() {
    schedules.sync();
    ScheduleStore.Due found = store.due(BATCH, settings.retry(), settings.sweep());
    List<ScheduleRow> due = found.schedules();
    if (found.next() != null) {
      rounds.soon(found.next());
    }
    for (ScheduleRow row : due) {
      if (rounds.closing()) {
        // Another server, or the next start, takes it up.
        return 0;
      }
      switch (schedules.read(row)) {
        case ScheduleReader.Read(ScheduleSpec spec) -> fire(row, spec);
        case ScheduleReader.Refused refused ->
            log.error(
                "schedule {} version {} cannot be read: {}",
                row.path(),
                row.version(),
                refused.faults());
      }
    }
    return due.size();
  }

  private void fire(ScheduleRow row, ScheduleSpec spec) {
    if (!row.enabled()) {
      store.rest(row, firing.round(row, spec, new FirePlan(List.of(), null)));
      return;
    }
    FirePlan plan = FirePlan.of(spec.times(), spec.misfire(), row.done(), row.now());
    Duration again = firing.round(row, spec, plan);
    store.advance(row, row.now(), plan.next(), again);
    if (!plan.fires().isEmpty()) {
      store.prune(row.tenantId(), row.path(), settings.history());
      log.info(
          "schedule {} fired {} times, next at {}", row.path(), plan.fires().size(), plan.next());
    }
  }
}
