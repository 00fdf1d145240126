package io.noetl.wait;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicReference;

/** Meters of waits. */
public final class WaitMetrics {
  private final AtomicReference<Double> open = new AtomicReference<>(0.0);
  private final AtomicReference<Double> overdue = new AtomicReference<>(0.0);
  private final Counter started;
  private final Counter refused;
  private final Counter resumed;
  private final Counter expired;
  private final Counter swept;

  public WaitMetrics(MeterRegistry registry) {
    Gauge.builder("noetl.waits.open", open, AtomicReference::get).register(registry);
    Gauge.builder("noetl.waits.overdue.seconds", overdue, AtomicReference::get).register(registry);
    started = Counter.builder("noetl.children.started").register(registry);
    refused = Counter.builder("noetl.children.refused").register(registry);
    resumed = Counter.builder("noetl.waits.resumed").register(registry);
    expired = Counter.builder("noetl.waits.expired").register(registry);
    swept = Counter.builder("noetl.waits.swept").register(registry);
  }

  void counted(long rows, double overdueSeconds) {
    open.set((double) rows);
    overdue.set(overdueSeconds);
  }

  void started() {
    started.increment();
  }

  void refused() {
    refused.increment();
  }

  void resumed() {
    resumed.increment();
  }

  void expired() {
    expired.increment();
  }

  void swept(int rows) {
    swept.increment(rows);
  }
}
