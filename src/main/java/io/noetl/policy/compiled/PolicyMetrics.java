package io.noetl.policy.compiled;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** Meters of policies. */
public final class PolicyMetrics {
  private final MeterRegistry registry;
  private final Map<Part, Counter> compiled = new EnumMap<>(Part.class);
  private final Map<Part, Counter> failed = new EnumMap<>(Part.class);
  private final Counter denied;

  public PolicyMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (Part part : Part.values()) {
      compiled.put(part, counter(part, "compiled"));
      failed.put(part, counter(part, "failed"));
    }
    this.denied = Counter.builder("noetl.policy.denied").register(registry);
  }

  private Counter counter(Part part, String outcome) {
    return Counter.builder("noetl.policy.compilations")
        .tag("part", part.word())
        .tag("outcome", outcome)
        .register(registry);
  }

  /** Shows how these stand from now on. */
  void of(Policies policies) {
    for (Part part : Part.values()) {
      gauge("noetl.policy.version", part, policies, () -> policies.standing(part).version());
      gauge("noetl.policy.stale", part, policies, () -> policies.stale(part) ? 1 : 0);
      gauge(
          "noetl.policy.age.seconds",
          part,
          policies,
          () -> {
            Duration age = policies.age(part);
            return age == null ? 0 : age.toMillis() / 1000.0;
          });
    }
  }

  private void gauge(
      String name, Part part, Policies policies, java.util.function.Supplier<Number> value) {
    Gauge.builder(name, policies, _ -> value.get().doubleValue())
        .tag("part", part.word())
        .register(registry);
  }

  void compiled(Part part) {
    count(compiled, part);
  }

  void failed(Part part) {
    count(failed, part);
  }

  private static void count(Map<Part, Counter> counters, Part part) {
    Counter counter = counters.get(part);
    if (counter != null) {
      counter.increment();
    }
  }

  /** A request was refused by a rule, or because of a policy that is too old. */
  public void denied() {
    denied.increment();
  }
}
