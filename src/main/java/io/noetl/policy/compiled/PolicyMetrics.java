package io.noetl.policy.compiled;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import org.jspecify.annotations.Nullable;

/** Meters of policies. */
public final class PolicyMetrics {
  private final Map<Part, Counter> compiled = new EnumMap<>(Part.class);
  private final Map<Part, Counter> failed = new EnumMap<>(Part.class);
  private final Counter denied;
  private volatile @Nullable Policies policies;

  public PolicyMetrics(MeterRegistry registry) {
    for (Part part : Part.values()) {
      compiled.put(part, counter(registry, part, "compiled"));
      failed.put(part, counter(registry, part, "failed"));
      gauge(registry, "noetl.policy.version", part, (held, of) -> held.standing(of).version());
      gauge(registry, "noetl.policy.stale", part, (held, of) -> held.stale(of) ? 1 : 0);
      gauge(registry, "noetl.policy.age.seconds", part, PolicyMetrics::age);
    }
    this.denied = Counter.builder("noetl.policy.denied").register(registry);
  }

  private static Counter counter(MeterRegistry registry, Part part, String outcome) {
    return Counter.builder("noetl.policy.compilations")
        .tag("part", part.word())
        .tag("outcome", outcome)
        .register(registry);
  }

  private void gauge(
      MeterRegistry registry, String name, Part part, ToDoubleBiFunction<Policies, Part> value) {
    Gauge.builder(
            name,
            this,
            self -> {
              Policies held = self.policies;
              return held == null ? 0 : value.applyAsDouble(held, part);
            })
        .tag("part", part.word())
        .register(registry);
  }

  private static double age(Policies held, Part part) {
    Duration age = held.age(part);
    return age == null ? 0 : age.toMillis() / 1000.0;
  }

  /** Shows how these stand from now on. */
  void of(Policies held) {
    policies = held;
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
