package io.noetl.bus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * One stream in memory. One lock guards the stream and its durable consumers: every operation under
 * it is short and touches only what it moves.
 */
final class EmbeddedStream {

  /** A message as stored. {@code gone} is guarded by the lock. */
  static final class Stored {
    final long seq;
    final String subject;
    final byte[] body;
    final long atNanos;
    boolean gone;

    Stored(long seq, String subject, byte[] body, long atNanos) {
      this.seq = seq;
      this.subject = subject;
      this.body = body;
      this.atNanos = atNanos;
    }

    /** What it counts for, the bookkeeping about it included. */
    long size() {
      return (long) subject.length() + body.length + OVERHEAD_BYTES;
    }
  }

  private record Seen(long seq, long atNanos) {}

  private static final int OVERHEAD_BYTES = 64;

  private final BusStream name;
  private final StreamLimits limits;
  private final long maxAgeNanos;
  private final long duplicateNanos;
  private final LongSupplier nanoTime;

  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, Stored> messages = new LinkedHashMap<>();
  private final LinkedHashMap<String, Seen> seenIds = new LinkedHashMap<>();
  private final Map<String, EmbeddedDurable> durables = new LinkedHashMap<>();
  private long lastSeq;
  private long bytes;

  EmbeddedStream(
      BusStream name, StreamLimits limits, Duration duplicateWindow, LongSupplier nanoTime) {
    this.name = name;
    this.limits = limits;
    this.maxAgeNanos = limits.maxAge().toNanos();
    this.duplicateNanos = duplicateWindow.toNanos();
    this.nanoTime = nanoTime;
  }

  PubAck append(String subject, String messageId, byte[] body) {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      expire(now);
      Seen seen = seenIds.get(messageId);
      if (seen != null) {
        return new PubAck(name, seen.seq(), true);
      }
      Stored stored = new Stored(lastSeq + 1, subject, body, now);
      makeRoom(stored);
      lastSeq++;
      messages.put(stored.seq, stored);
      bytes += stored.size();
      seenIds.put(messageId, new Seen(stored.seq, now));
      for (EmbeddedDurable durable : durables.values()) {
        durable.offer(stored);
      }
      return new PubAck(name, stored.seq, false);
    } finally {
      lock.unlock();
    }
  }

  /** The durable consumer of that name, made if missing, with every message still stored. */
  EmbeddedDurable attach(ConsumerSpec spec, int maxPullBytes) {
    lock.lock();
    try {
      EmbeddedDurable existing = durables.get(spec.durable());
      if (existing != null) {
        return sameSpec(existing, spec);
      }
      if (name == BusStream.COMMANDS) {
        durables.values().forEach(other -> requireApart(other.spec(), spec));
      }
      EmbeddedDurable made = new EmbeddedDurable(this, spec, maxPullBytes);
      messages.values().forEach(made::offer);
      durables.put(spec.durable(), made);
      return made;
    } finally {
      lock.unlock();
    }
  }

  /** Drops what is too old. Called with the lock held. */
  void expire(long now) {
    dropIdsBefore(now);
    Iterator<Stored> oldest = messages.values().iterator();
    while (oldest.hasNext()) {
      Stored stored = oldest.next();
      if (now - stored.atNanos <= maxAgeNanos) {
        return;
      }
      oldest.remove();
      forget(stored);
    }
  }

  /** A consumer is done with a message; a work queue then is too. Called with the lock held. */
  void done(Stored stored) {
    if (name == BusStream.COMMANDS && messages.remove(stored.seq) != null) {
      forget(stored);
    }
  }

  ReentrantLock lock() {
    return lock;
  }

  Condition newCondition() {
    return lock.newCondition();
  }

  long now() {
    return nanoTime.getAsLong();
  }

  private void makeRoom(Stored incoming) {
    while (bytes + incoming.size() > limits.maxBytes() || messages.size() >= limits.maxMessages()) {
      Iterator<Stored> oldest = messages.values().iterator();
      if (name == BusStream.COMMANDS || !oldest.hasNext()) {
        throw full(incoming);
      }
      Stored dropped = oldest.next();
      oldest.remove();
      forget(dropped);
    }
  }

  private BusFull full(Stored incoming) {
    return new BusFull(
        ("Expected room for %d bytes in %s, but it holds %d of maxMessages=%d and %d of"
                + " maxBytes=%d (subject=%s)")
            .formatted(
                incoming.size(),
                name.wireName(),
                messages.size(),
                limits.maxMessages(),
                bytes,
                limits.maxBytes(),
                incoming.subject));
  }

  private void forget(Stored stored) {
    stored.gone = true;
    bytes -= stored.size();
    for (EmbeddedDurable durable : durables.values()) {
      durable.trim();
    }
  }

  private void dropIdsBefore(long now) {
    Iterator<Seen> oldest = seenIds.values().iterator();
    while (oldest.hasNext()) {
      boolean inTime = now - oldest.next().atNanos() <= duplicateNanos;
      // Bounded by count too: beyond it the oldest id is forgotten early, and its duplicate would
      // be one more delivery, which every receiver stands.
      if (inTime && seenIds.size() < limits.maxMessages()) {
        return;
      }
      oldest.remove();
    }
  }

  private static EmbeddedDurable sameSpec(EmbeddedDurable existing, ConsumerSpec spec) {
    if (!existing.spec().equals(spec)) {
      throw new BusMisconfigured(
          "Expected one specification per durable name, but there are two (consumer=%s): %s and %s"
              .formatted(spec.durable(), existing.spec(), spec));
    }
    return existing;
  }

  private static void requireApart(ConsumerSpec one, ConsumerSpec other) {
    List<String> clashes = new ArrayList<>();
    for (String left : one.filters()) {
      for (String right : other.filters()) {
        if (Subjects.overlaps(left, right)) {
          clashes.add(left + " and " + right);
        }
      }
    }
    if (!clashes.isEmpty()) {
      throw new BusMisconfigured(
          "Expected consumers of a work queue with separate filters, but %s overlap (consumer=%s, consumer=%s)"
              .formatted(clashes, one.durable(), other.durable()));
    }
  }
}
