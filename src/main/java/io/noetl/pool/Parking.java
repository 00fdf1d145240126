package io.noetl.pool;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The slots of a pool, and those of its commands that wait for another execution: they keep their
 * lease and their (virtual) thread, but give their slot to others. So a pool with one slot still
 * runs the execution that its only command waits for. Safe for use by many threads.
 */
public final class Parking {
  /** Commands that wait without a slot; one more keeps its slot while it waits. */
  private static final int MOST = 1_000;

  private static final long LOOK_MS = 500;

  private final Semaphore slots;
  private final Set<Thread> parked = new HashSet<>();
  private boolean closing;
  private boolean drained;

  /**
   * @param slots commands that run at once
   */
  public Parking(int slots) {
    // Fair: a command that comes back is served before the next pull.
    this.slots = new Semaphore(slots, true);
  }

  /** The slots themselves. */
  Semaphore slots() {
    return slots;
  }

  /**
   * Whether commands may come back soon: whoever waits with a slot in hand should not do so long.
   */
  boolean lent() {
    synchronized (parked) {
      return !parked.isEmpty();
    }
  }

  /** Something to wait for. */
  @FunctionalInterface
  public interface Wait<T> {
    T await() throws InterruptedException;
  }

  /**
   * Waits without a slot, on a thread that has one and has it again afterwards.
   *
   * @throws InterruptedException when the command was cancelled or the pool stops
   */
  public <T> T without(Wait<T> wait) throws InterruptedException {
    Thread self = Thread.currentThread();
    synchronized (parked) {
      if (closing) {
        throw new InterruptedException("the pool stops");
      }
      if (parked.size() >= MOST) {
        self = null;
      } else {
        parked.add(self);
      }
    }
    if (self == null) {
      return wait.await();
    }
    slots.release();
    try {
      return wait.await();
    } finally {
      takeSlot(self);
    }
  }

  /** Also when interrupted: the caller gives the slot back in any case. */
  private void takeSlot(Thread self) {
    boolean interrupted = Thread.interrupted();
    boolean taken = false;
    while (!taken) {
      synchronized (parked) {
        if (drained) {
          // Nobody counts slots any more: the pool has taken all that there are.
          parked.remove(self);
          break;
        }
      }
      try {
        taken = slots.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    synchronized (parked) {
      parked.remove(self);
    }
    if (interrupted) {
      self.interrupt();
    }
  }

  /** Ends all waits: their commands are given back, and wait on elsewhere. */
  void close() {
    synchronized (parked) {
      closing = true;
      parked.forEach(Thread::interrupt);
    }
  }

  /** The pool has waited for its slots, and takes nothing up again. */
  void drained() {
    synchronized (parked) {
      drained = true;
    }
  }
}
