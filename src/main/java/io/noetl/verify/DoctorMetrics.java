package io.noetl.verify;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.noetl.metrics.ClosedTag;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Meters of the doctor. */
public final class DoctorMetrics {
  private final AtomicLong stuck = new AtomicLong();
  private final Map<Rule, Counter> repairs;

  public DoctorMetrics(MeterRegistry registry) {
    Gauge.builder("noetl.executions.stuck", stuck, AtomicLong::doubleValue).register(registry);
    repairs =
        ClosedTag.counters(
            registry, "noetl.doctor.repairs", "What was repaired", "rule", Rule.class);
  }

  void stuck(int executions) {
    stuck.set(executions);
  }

  void repaired(Rule rule) {
    Objects.requireNonNull(repairs.get(rule)).increment();
  }
}
