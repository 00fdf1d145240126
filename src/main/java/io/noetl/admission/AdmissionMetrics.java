package io.noetl.admission;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.noetl.metrics.ClosedTag;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Meters of admission. */
public final class AdmissionMetrics {
  /** The backlogs that have a mark. */
  public enum Kind {
    OUTBOX,
    COMMANDS,
    DECISIONS
  }

  private final Map<Kind, Counter> refused;
  private final Map<Kind, AtomicLong> backlogs = new EnumMap<>(Kind.class);
  private final Map<Kind, AtomicLong> passed = new EnumMap<>(Kind.class);

  public AdmissionMetrics(MeterRegistry registry) {
    refused =
        ClosedTag.counters(
            registry,
            "noetl.admission.refused",
            "New executions refused because a mark was passed",
            "mark",
            Kind.class);
    for (Kind kind : Kind.values()) {
      backlogs.put(kind, gauge(registry, "noetl.admission.backlog", kind));
      passed.put(kind, gauge(registry, "noetl.admission.overloaded", kind));
    }
  }

  private static AtomicLong gauge(MeterRegistry registry, String name, Kind kind) {
    AtomicLong value = new AtomicLong();
    Gauge.builder(name, value, AtomicLong::get)
        .tag("mark", kind.name().toLowerCase(Locale.ROOT))
        .register(registry);
    return value;
  }

  void refused(Kind kind) {
    of(refused, kind).increment();
  }

  void observed(Kind kind, long backlog, boolean over) {
    of(backlogs, kind).set(backlog);
    of(passed, kind).set(over ? 1 : 0);
  }

  private static <M> M of(Map<Kind, M> meters, Kind kind) {
    M meter = meters.get(kind);
    if (meter == null) {
      throw new IllegalStateException("Expected a meter of " + kind + ", but there is none");
    }
    return meter;
  }
}
