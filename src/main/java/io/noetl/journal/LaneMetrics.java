package io.noetl.journal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** Meters of the lanes. */
public final class LaneMetrics {
  private final Counter events;
  private final Counter conflicts;
  private final DistributionSummary batch;
  private final Timer append;

  public LaneMetrics(MeterRegistry registry) {
    events = Counter.builder("noetl.journal.events").register(registry);
    conflicts = Counter.builder("noetl.journal.conflicts").register(registry);
    batch = DistributionSummary.builder("noetl.journal.batch.executions").register(registry);
    append = Timer.builder("noetl.journal.append.duration").register(registry);
  }

  void committed(int executions, int appended, long nanos) {
    events.increment(appended);
    batch.record(executions);
    append.record(nanos, TimeUnit.NANOSECONDS);
  }

  void conflict() {
    conflicts.increment();
  }
}
