package io.noetl.api;

import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often variables were read through this server since its start: a figure for people, for which
 * nothing is written. Safe for use by many threads.
 */
final class VariableReads {
  /** Variables whose reads are remembered; the least recently read is forgotten first. */
  private static final int CAPACITY = 10_000;

  private final InstantSource clock;
  private final Map<Key, Read> reads =
      new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Read> eldest) {
          return size() > CAPACITY;
        }
      };

  VariableReads(InstantSource clock) {
    this.clock = clock;
  }

  private record Key(long executionId, String name) {}

  /**
   * @param at of this read
   * @param count reads, this one too
   */
  record Read(Instant at, long count) {}

  Read count(long executionId, String name) {
    Instant now = clock.instant();
    synchronized (reads) {
      return reads.merge(
          new Key(executionId, name),
          new Read(now, 1),
          (before, first) -> new Read(first.at(), before.count() + 1));
    }
  }
}
