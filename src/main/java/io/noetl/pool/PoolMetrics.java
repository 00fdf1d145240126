package io.noetl.pool;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** Meters of a pool member. */
public final class PoolMetrics {
  private final Map<ClaimAnswer, Counter> claims = new EnumMap<>(ClaimAnswer.class);
  private final Map<ReportAnswer, Counter> reports = new EnumMap<>(ReportAnswer.class);
  private final Counter handedBack;
  private final Timer run;
  private final AtomicInteger busy = new AtomicInteger();

  /** What came of a claim. */
  enum ClaimAnswer {
    GRANTED,
    GONE,
    TAKEN,
    RETRY
  }

  /** What came of a report. */
  enum ReportAnswer {
    ACCEPTED,
    LOST,
    DROPPED
  }

  public PoolMetrics(MeterRegistry registry, String pool, int slots) {
    for (ClaimAnswer answer : ClaimAnswer.values()) {
      claims.put(
          answer,
          Counter.builder("noetl.pool.claims")
              .tag("answer", word(answer))
              .tag("pool", pool)
              .register(registry));
    }
    for (ReportAnswer answer : ReportAnswer.values()) {
      reports.put(
          answer,
          Counter.builder("noetl.pool.reports")
              .tag("answer", word(answer))
              .tag("pool", pool)
              .register(registry));
    }
    handedBack = Counter.builder("noetl.pool.handed.back").tag("pool", pool).register(registry);
    run = Timer.builder("noetl.pool.run.duration").tag("pool", pool).register(registry);
    Gauge.builder("noetl.pool.busy", busy, AtomicInteger::get).tag("pool", pool).register(registry);
    Gauge.builder("noetl.pool.slots", () -> slots).tag("pool", pool).register(registry);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(java.util.Locale.ROOT);
  }

  void claim(ClaimAnswer answer) {
    Objects.requireNonNull(claims.get(answer)).increment();
  }

  void report(ReportAnswer answer) {
    Objects.requireNonNull(reports.get(answer)).increment();
  }

  void handedBack(int commands) {
    handedBack.increment(commands);
  }

  void began() {
    busy.incrementAndGet();
  }

  void ended(long nanos) {
    busy.decrementAndGet();
    run.record(Duration.ofNanos(nanos));
  }
}
