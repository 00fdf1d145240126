package io.noetl.archive;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Meters of the archive. */
public final class ArchiveMetrics {
  private final Counter archived;
  private final Counter archivedEvents;
  private final Counter recalled;
  private final Counter failures;

  public ArchiveMetrics(MeterRegistry registry) {
    archived = Counter.builder("noetl.archive.executions").register(registry);
    archivedEvents = Counter.builder("noetl.archive.events").register(registry);
    recalled = Counter.builder("noetl.archive.recalled").register(registry);
    failures = Counter.builder("noetl.archive.failures").register(registry);
  }

  void archived(int events) {
    archived.increment();
    archivedEvents.increment(events);
  }

  void recalled(int events) {
    if (events > 0) {
      recalled.increment();
    }
  }

  void failed() {
    failures.increment();
  }
}
