package io.noetl.schedule;

import io.noetl.journal.JournalUnavailableException;
import io.noetl.postgres.DatabaseException;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import io.noetl.wait.Cascade;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
  private final Progress.Loop progress;
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile boolean closing;
  private volatile @Nullable Thread thread;

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
    this.progress = progress;
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("schedules").start(this::run);
  }

  @Override
  public void close() {
    closing = true;
    stop.countDown();
    Thread running = thread;
    if (running != null) {
      try {
        if (!running.join(Duration.ofSeconds(5))) {
          running.interrupt();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    while (!closing) {
      try {
        int found = sweep();
        progress.moved();
        if (found < BATCH) {
          pause();
        }
      } catch (DatabaseException | JournalUnavailableException | Cascade.BusyException e) {
        progress.stuck(String.valueOf(e.getMessage()));
        log.warn("schedules are looked at again later: {}", e.getMessage());
        pause();
      } catch (RuntimeException e) {
        // A fault of ours. The loop must not end in silence: it goes on, and readiness says why.
        progress.stuck("internal error: " + e.getClass().getSimpleName());
        log.error("sweep of schedules failed, trying again", e);
        pause();
      }
    }
  }

  private void pause() {
    try {
      if (stop.await(settings.sweep().toMillis(), TimeUnit.MILLISECONDS)) {
        closing = true;
      }
    } catch (InterruptedException e) {
      closing = true;
    }
  }

  /** Fires all schedules that are due, and returns how many there were. */
  int sweep() {
    schedules.sync();
    List<ScheduleRow> due = store.due(BATCH, settings.retry());
    for (ScheduleRow row : due) {
      if (closing) {
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
