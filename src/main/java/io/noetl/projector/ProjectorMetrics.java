package io.noetl.projector;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/** Meters of the projector. */
public final class ProjectorMetrics {
  private final Counter inserted;
  private final Counter repaired;
  private final Counter poisoned;
  private final DistributionSummary batch;
  private final Timer insert;
  private final AtomicReference<Double> lagSeconds = new AtomicReference<>(0.0);

  public ProjectorMetrics(MeterRegistry registry) {
    inserted = Counter.builder("noetl.projector.inserted").register(registry);
    repaired = Counter.builder("noetl.bus.gap.repaired").register(registry);
    poisoned = Counter.builder("noetl.projector.poisoned").register(registry);
    batch = DistributionSummary.builder("noetl.projector.batch.size").register(registry);
    insert =
        Timer.builder("noetl.projector.insert.duration")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofNanos(100_000))
            .maximumExpectedValue(Duration.ofSeconds(10))
            .register(registry);
    Gauge.builder("noetl.projector.lag.seconds", lagSeconds, AtomicReference::get)
        .register(registry);
  }

  void moved(int messages, int rows, int repairedRows, long nanos, double oldestSeconds) {
    batch.record(messages);
    inserted.increment(rows);
    repaired.increment(repairedRows);
    insert.record(Duration.ofNanos(nanos));
    lagSeconds.set(oldestSeconds);
  }

  void idle() {
    lagSeconds.set(0.0);
  }

  void poisoned() {
    poisoned.increment();
  }
}
