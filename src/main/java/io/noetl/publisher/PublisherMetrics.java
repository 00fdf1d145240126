package io.noetl.publisher;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Meters of the publisher. */
public final class PublisherMetrics {
  private final Counter published;
  private final Counter republished;
  private final Counter hints;
  private final Counter failures;
  private final Counter crowded;
  private final Timer publish;
  private final AtomicReference<Double> lagSeconds = new AtomicReference<>(0.0);
  private final AtomicInteger active = new AtomicInteger();

  public PublisherMetrics(MeterRegistry registry) {
    published = Counter.builder("noetl.publisher.published").register(registry);
    republished = Counter.builder("noetl.publisher.republished").register(registry);
    hints = Counter.builder("noetl.publisher.hints").register(registry);
    failures = Counter.builder("noetl.publisher.failures").register(registry);
    crowded = Counter.builder("noetl.publisher.hints.dropped").register(registry);
    publish =
        Timer.builder("noetl.publisher.publish.duration")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofNanos(100_000))
            .maximumExpectedValue(Duration.ofSeconds(10))
            .register(registry);
    Gauge.builder("noetl.publisher.lag.seconds", lagSeconds, AtomicReference::get)
        .register(registry);
    Gauge.builder("noetl.publisher.active", active, AtomicInteger::get).register(registry);
  }

  void published(Instant createdAt, Instant now, long nanos) {
    published.increment();
    publish.record(Duration.ofNanos(nanos));
    lagSeconds.set(Math.max(0, Duration.between(createdAt, now).toNanos() / 1e9));
  }

  void republished() {
    republished.increment();
  }

  void hint() {
    hints.increment();
  }

  void crowded() {
    crowded.increment();
  }

  void failed() {
    failures.increment();
  }

  void idle() {
    lagSeconds.set(0.0);
  }

  void active(boolean now) {
    active.set(now ? 1 : 0);
  }
}
