package io.noetl.bench;

import io.noetl.bus.Bus;
import io.noetl.bus.BusConsumer;
import io.noetl.bus.BusHealth;
import io.noetl.bus.ConsumerSpec;
import io.noetl.bus.PubAck;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A bus that counts what has been acknowledged. Safe for use by many threads. */
final class AckedBus implements Bus {
  private final Bus bus;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long acked;

  AckedBus(Bus bus) {
    this.bus = bus;
  }

  long acked() {
    lock.lock();
    try {
      return acked;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until so many have been acknowledged.
   *
   * @throws BenchException when they are not in time
   */
  void await(long count, Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (acked < count) {
        if (left <= 0) {
          throw new BenchException(
              "Expected "
                  + count
                  + " messages to be acknowledged within "
                  + TimeUnit.NANOSECONDS.toSeconds(limit.toNanos())
                  + " s, but "
                  + acked
                  + " were");
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void count() {
    lock.lock();
    try {
      acked++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void ensureStreams() throws InterruptedException {
    bus.ensureStreams();
  }

  @Override
  public CompletableFuture<PubAck> publish(String subject, String messageId, byte[] body)
      throws InterruptedException {
    return bus.publish(subject, messageId, body).thenApply(this::counted);
  }

  private PubAck counted(PubAck ack) {
    count();
    return ack;
  }

  @Override
  public BusConsumer consumer(ConsumerSpec spec) {
    return bus.consumer(spec);
  }

  @Override
  public BusHealth health() {
    return bus.health();
  }

  @Override
  public void close() {
    bus.close();
  }
}
