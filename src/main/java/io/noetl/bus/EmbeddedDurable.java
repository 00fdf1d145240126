package io.noetl.bus;

import io.noetl.bus.EmbeddedStream.Stored;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Position and deliveries of one durable consumer. Everything is guarded by the lock of its stream.
 *
 * <p>A message is in exactly one place: {@code ready} (never delivered), {@code again} (to be
 * delivered again) or {@code out} (delivered and unanswered, or set back), ordered by due time.
 */
final class EmbeddedDurable {

  /** A delivered message and where it stands. */
  static final class Delivery {
    final Stored stored;
    int count;
    long dueNanos;
    State state = State.WAITING;

    Delivery(Stored stored) {
      this.stored = stored;
    }
  }

  enum State {
    WAITING,
    OUT,
    DONE
  }

  private final EmbeddedStream stream;
  private final ConsumerSpec spec;
  private final int maxPullBytes;
  private final long ackWaitNanos;
  private final Condition changed;
  private final ArrayDeque<Stored> ready = new ArrayDeque<>();
  private final ArrayDeque<Delivery> again = new ArrayDeque<>();
  private final TreeSet<Delivery> out = new TreeSet<>(EmbeddedDurable::compareDue);

  EmbeddedDurable(EmbeddedStream stream, ConsumerSpec spec, int maxPullBytes) {
    this.stream = stream;
    this.spec = spec;
    this.maxPullBytes = maxPullBytes;
    this.ackWaitNanos = spec.ackWait().toNanos();
    this.changed = stream.newCondition();
  }

  ConsumerSpec spec() {
    return spec;
  }

  /** Takes a message if a filter does. Called with the lock held. */
  void offer(Stored stored) {
    for (String filter : spec.filters()) {
      if (Subjects.matches(filter, stored.subject)) {
        ready.add(stored);
        changed.signal();
        return;
      }
    }
  }

  /** Lets go of messages the stream has dropped. Called with the lock held. */
  void trim() {
    while (!ready.isEmpty() && ready.element().gone) {
      ready.remove();
    }
  }

  List<BusMessage> pull(int max, Duration maxWait, BooleanSupplier closed)
      throws InterruptedException {
    stream.lock().lockInterruptibly();
    try {
      long start = stream.now();
      long wait = maxWait.toNanos();
      while (!closed.getAsBoolean()) {
        long now = stream.now();
        stream.expire(now);
        List<BusMessage> taken = take(max, now);
        long left = wait - (now - start);
        if (!taken.isEmpty() || left <= 0) {
          return taken;
        }
        long _ = changed.awaitNanos(Math.min(left, untilNextDue(now)));
      }
      return List.of();
    } finally {
      stream.lock().unlock();
    }
  }

  void wakeAll() {
    stream.lock().lock();
    try {
      changed.signalAll();
    } finally {
      stream.lock().unlock();
    }
  }

  /** The message will not come again. */
  void finish(Delivery delivery) {
    stream.lock().lock();
    try {
      if (delivery.state != State.DONE) {
        end(delivery);
      }
    } finally {
      stream.lock().unlock();
    }
  }

  /** The message comes again once {@code delay} has passed, unless it is finished before. */
  void setBack(Delivery delivery, Duration delay) {
    reschedule(delivery, delay.toNanos());
  }

  /** The message comes again after the acknowledgement wait, counted from now. */
  void extend(Delivery delivery) {
    reschedule(delivery, ackWaitNanos);
  }

  private void reschedule(Delivery delivery, long delayNanos) {
    stream.lock().lock();
    try {
      if (delivery.state == State.OUT) {
        out.remove(delivery);
        due(delivery, stream.now() + delayNanos);
      }
    } finally {
      stream.lock().unlock();
    }
  }

  private List<BusMessage> take(int max, long now) {
    redeliverDue(now);
    List<BusMessage> taken = new ArrayList<>();
    long bytes = 0;
    while (taken.size() < max && bytes < maxPullBytes && out.size() < spec.maxAckPending()) {
      Delivery next = next();
      if (next == null) {
        break;
      }
      bytes += next.stored.size();
      next.state = State.OUT;
      next.count++;
      due(next, now + ackWaitNanos);
      taken.add(new EmbeddedMessage(this, next, next.count));
    }
    return taken;
  }

  private @Nullable Delivery next() {
    while (!again.isEmpty()) {
      Delivery delivery = again.remove();
      if (delivery.state == State.WAITING && !delivery.stored.gone) {
        return delivery;
      }
    }
    while (!ready.isEmpty()) {
      Stored stored = ready.remove();
      if (!stored.gone) {
        return new Delivery(stored);
      }
    }
    return null;
  }

  private void redeliverDue(long now) {
    while (!out.isEmpty() && out.first().dueNanos - now <= 0) {
      Delivery delivery = out.first();
      if (delivery.count >= spec.maxDeliver()) {
        end(delivery);
      } else {
        leaveOut(delivery, State.WAITING);
        again.add(delivery);
      }
    }
  }

  private void end(Delivery delivery) {
    leaveOut(delivery, State.DONE);
    stream.done(delivery.stored);
  }

  private void leaveOut(Delivery delivery, State state) {
    boolean wasFull = out.size() >= spec.maxAckPending();
    boolean left = out.remove(delivery);
    delivery.state = state;
    if (wasFull && left) {
      changed.signalAll();
    }
  }

  private void due(Delivery delivery, long nanos) {
    delivery.dueNanos = nanos;
    out.add(delivery);
    if (out.first() == delivery) {
      // Whoever waits has worked out its wake-up from a later time.
      changed.signalAll();
    }
  }

  private long untilNextDue(long now) {
    return out.isEmpty() ? Long.MAX_VALUE : Math.max(1, out.first().dueNanos - now);
  }

  private static int compareDue(Delivery one, Delivery other) {
    int byTime = Long.signum(one.dueNanos - other.dueNanos);
    return byTime != 0 ? byTime : Long.compare(one.stored.seq, other.stored.seq);
  }
}
