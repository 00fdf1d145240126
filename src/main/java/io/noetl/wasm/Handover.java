package io.noetl.wasm;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The two slots, request and reply, between a guest thread and the thread that called the plug-in.
 *
 * <p>Host code must never run on the guest's thread: the guest may have spent its stack, and an
 * overflow inside a class initialiser or a scheduler's lock would poison the whole JVM; and the
 * interrupt that stops a guest closes any channel it lands in.
 *
 * <p>Each side waits with a deadline. No thread-local and no scoped value crosses over: only the
 * two slots do.
 */
final class Handover {
  /**
   * Frames that the guest's stack must still hold before it wakes the caller. Waking a virtual
   * thread enters the scheduler of the JVM, where an overflow must not strike.
   */
  private static final int STACK_PROBE_FRAMES = 500;

  private final Thread caller;
  private final long guestPatienceNanos;
  private volatile @Nullable Request request;
  private volatile @Nullable Answer answer;
  private volatile boolean ended;

  /**
   * @param guestPatienceNanos how long the guest waits for an answer
   */
  Handover(Thread caller, long guestPatienceNanos) {
    this.caller = caller;
    this.guestPatienceNanos = guestPatienceNanos;
  }

  /**
   * @param length what the guest claimed, unsigned
   * @param bytes the request; null when it is over the limit and was not copied
   * @param fuelBefore what the guest had before it paid for this
   * @param fuelAfter what it has left
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Request(
      AbiFunction function,
      long length,
      byte @Nullable [] bytes,
      long fuelBefore,
      long fuelAfter) {}

  /**
   * @param code what the guest's call returns
   * @param reply what {@code host_reply} serves from now on
   * @param trap whether the call of the plug-in ends here
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Answer(int code, byte[] reply, boolean trap) {}

  /** What the caller's side woke up for. */
  enum Wake {
    REQUEST,
    ENDED,
    DEADLINE
  }

  /**
   * Guest's side: asks and waits.
   *
   * @return null when the guest was told to stop or the answer is too late
   * @throws StackOverflowError before anything was asked, when the stack is nearly spent
   */
  @Nullable Answer ask(Request asked) {
    if (descend(STACK_PROBE_FRAMES, 1, 2, 3) == 0) {
      return null;
    }
    answer = null;
    request = asked;
    LockSupport.unpark(caller);
    long started = System.nanoTime();
    while (true) {
      Answer given = answer;
      if (given != null) {
        return given;
      }
      long left = guestPatienceNanos - (System.nanoTime() - started);
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        return null;
      }
      LockSupport.parkNanos(this, left);
    }
  }

  /** Guest's side: nothing more will be asked. */
  void end() {
    ended = true;
    LockSupport.unpark(caller);
  }

  /** Caller's side: waits for a request or the end. */
  Wake await(long nanos) throws InterruptedException {
    long started = System.nanoTime();
    while (true) {
      if (ended) {
        return Wake.ENDED;
      }
      if (request != null) {
        return Wake.REQUEST;
      }
      long left = nanos - (System.nanoTime() - started);
      if (left <= 0) {
        return Wake.DEADLINE;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("the call of a plug-in was interrupted");
      }
      LockSupport.parkNanos(this, left);
    }
  }

  /** Caller's side: takes the request that {@link #await} announced. */
  Request take() {
    Request taken = request;
    if (taken == null) {
      throw new IllegalStateException("Expected a request, but the slot is empty");
    }
    request = null;
    return taken;
  }

  /** Caller's side: gives the answer and lets the guest go on. */
  void give(Answer given, Thread guest) {
    answer = given;
    LockSupport.unpark(guest);
  }

  /** Recursion on purpose; never 0, and not a tail call, so that each level takes a frame. */
  private static long descend(int frames, long a, long b, long c) {
    return frames == 0 ? (a | b | c | 1) & Long.MAX_VALUE : descend(frames - 1, b, c, a + 1) | 1;
  }
}
