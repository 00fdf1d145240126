package io.noetl.command;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** Meters of fairness between tenants. None has a tenant's name: there may be any number. */
public final class FairnessMetrics {
  private final AtomicInteger pools = new AtomicInteger();
  private final AtomicInteger tenants = new AtomicInteger();
  private final Counter swapped;
  private final Counter refused;

  public FairnessMetrics(MeterRegistry registry) {
    Gauge.builder("noetl.fairness.shared.pools", pools, AtomicInteger::get).register(registry);
    Gauge.builder("noetl.fairness.waiting.tenants", tenants, AtomicInteger::get).register(registry);
    swapped = Counter.builder("noetl.fairness.swapped").register(registry);
    refused = Counter.builder("noetl.fairness.queued.again").register(registry);
  }

  void seen(int sharedPools, int waitingTenants) {
    pools.set(sharedPools);
    tenants.set(waitingTenants);
  }

  void swapped(int claims) {
    swapped.increment(claims);
  }

  void refused() {
    refused.increment();
  }
}
