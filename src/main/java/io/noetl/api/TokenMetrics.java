package io.noetl.api;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** Meters of the tokens file. */
public final class TokenMetrics {
  private final AtomicInteger known = new AtomicInteger();
  private final AtomicInteger stale = new AtomicInteger();
  private final Counter failures;

  public TokenMetrics(MeterRegistry registry) {
    registry.gauge("noetl.auth.tokens", known);
    registry.gauge("noetl.auth.tokens.stale", stale);
    this.failures = Counter.builder("noetl.auth.tokens.failures").register(registry);
  }

  /** So many tokens of the file that is there are in force. */
  void read(int tokens) {
    known.set(tokens);
    stale.set(0);
  }

  /** The file that is there cannot be read. */
  void failed() {
    failures.increment();
    stale.set(1);
  }
}
