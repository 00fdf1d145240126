package io.noetl.pool;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What this worker has begun: each claim is run once, however often it is granted. A hint of a
 * command and a wake-up that was answered with the same one may be on their way at once, and the
 * server grants a claim again to the worker that holds it. Safe for use by many threads.
 */
final class Runs {
  /** Claims that are remembered: far more than can be on their way at once. */
  static final int REMEMBERED = 10_000;

  private record Run(long commandId, long fence) {}

  private final Map<Run, Boolean> begun =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Run, Boolean> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** Whether the caller is to run it: nobody here has begun it. */
  synchronized boolean begin(Claimed command) {
    return begun.put(new Run(command.commandId(), command.fence()), true) == null;
  }
}
