package io.noetl.api;

import io.noetl.postgres.DatabaseException;
import io.noetl.query.Outbox;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How the trip of events gets on, whichever process does it: who publishes, and how far the log is
 * behind. Looked at once in a while, since everybody may ask. Safe for use by many threads.
 */
final class TripHealth {
  /** How old an answer may be. */
  private static final Duration FRESH = Duration.ofSeconds(2);

  private final Outbox outbox;
  private final LongSupplier nanoClock;
  private @Nullable Seen seen;

  /**
   * @param publisher by which the active one is known to the database; null while there is none
   */
  private record Seen(Outbox.@Nullable Leader publisher, Outbox.Pending pending, long nanos) {}

  TripHealth(Outbox outbox, LongSupplier nanoClock) {
    this.outbox = outbox;
    this.nanoClock = nanoClock;
  }

  /** Members of {@code /api/health}; none while the database does not answer. */
  Map<String, @Nullable Object> members() {
    Seen now;
    try {
      now = now();
    } catch (DatabaseException e) {
      // That the database does not answer is said by the member of its own.
      return Map.of();
    }
    Map<String, @Nullable Object> publisher = new LinkedHashMap<>();
    Outbox.Leader leader = now.publisher();
    publisher.put("status", leader == null ? "missing" : "ok");
    if (leader != null) {
      publisher.put("process", leader.process());
      publisher.put("since", leader.since().toString());
    }
    Map<String, @Nullable Object> projector = new LinkedHashMap<>();
    projector.put("lag_events", now.pending().events());
    projector.put("lag_seconds", now.pending().oldestSeconds());
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("publisher", publisher);
    out.put("projector", projector);
    return out;
  }

  private synchronized Seen now() {
    Seen last = seen;
    if (last == null || nanoClock.getAsLong() - last.nanos() > FRESH.toNanos()) {
      last = new Seen(outbox.publisher(), outbox.pending(), nanoClock.getAsLong());
      seen = last;
    }
    return last;
  }
}
