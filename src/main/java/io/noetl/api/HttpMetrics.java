package io.noetl.api;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.noetl.api.Routes.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Meters of the API. Tags are route templates and status classes, never ids. */
public final class HttpMetrics {
  private static final String REQUESTS = "noetl.http.request.duration";
  private static final int CLASSES = 4;

  private final MeterRegistry registry;
  private final AtomicInteger streams = new AtomicInteger();
  private final Counter slowReaders;
  private final PerRoute unmatched;

  public HttpMetrics(MeterRegistry registry) {
    this.registry = registry;
    registry.gauge("noetl.http.streams", streams);
    this.unmatched = new PerRoute(registry, "any", "none");
    this.slowReaders = Counter.builder("noetl.http.streams.slow").register(registry);
  }

  /** The meters of one route; they exist from the start. */
  PerRoute of(Route route) {
    return new PerRoute(registry, route.method().text(), route.template());
  }

  /** The meters of what no route matched. */
  PerRoute unmatched() {
    return unmatched;
  }

  AtomicInteger streams() {
    return streams;
  }

  void slowReader() {
    slowReaders.increment();
  }

  /** Meters of one route. */
  static final class PerRoute {
    private final List<Timer> byClass = new ArrayList<>();

    private PerRoute(MeterRegistry registry, String method, String template) {
      for (int i = 2; i < 2 + CLASSES; i++) {
        byClass.add(
            Timer.builder(REQUESTS)
                .tag("method", method)
                .tag("route", template)
                .tag("status", i + "xx")
                .register(registry));
      }
    }

    void record(int status, long nanos) {
      byClass.get(Math.clamp(status / 100 - 2, 0, CLASSES - 1)).record(nanos, TimeUnit.NANOSECONDS);
    }
  }
}
