package io.noetl.support;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Parts that start in the order in which they were added and close in reverse. Each gets a bounded
 * time, so that one part that hangs cannot keep the others from closing.
 *
 * <p>Not safe for use by several threads, but for {@link #close}, which may come from a shutdown
 * hook while {@link #start} is still at work: it interrupts the part that is starting and waits for
 * it.
 */
public final class Lifecycles implements Lifecycle {
  /** Time for one part to start: a database may be waited for. */
  public static final Duration START_BOUND = Duration.ofMinutes(5);

  /** Time for one part to close. */
  public static final Duration CLOSE_BOUND = Duration.ofSeconds(30);

  private static final String START = "start";

  private record Part(String name, Lifecycle lifecycle, Duration closeBound) {}

  private final Duration startBound;
  private final Duration closeBound;
  private final List<Part> parts = new ArrayList<>();
  private final Deque<Part> running = new ArrayDeque<>();
  private volatile boolean closed;
  private volatile @Nullable Thread starting;

  public Lifecycles() {
    this(START_BOUND, CLOSE_BOUND);
  }

  public Lifecycles(Duration startBound, Duration closeBound) {
    this.startBound = startBound;
    this.closeBound = closeBound;
  }

  /** Adds a part that starts after all parts added before. */
  public <T extends Lifecycle> T add(String name, T part) {
    return add(name, part, closeBound);
  }

  /** As {@link #add(String, Lifecycle)}, with its own bound for closing. */
  public <T extends Lifecycle> T add(String name, T part, Duration ownCloseBound) {
    parts.add(new Part(name, part, ownCloseBound));
    return part;
  }

  /**
   * @throws LifecycleException when a part cannot start; those that had started are closed again
   */
  @Override
  public void start() {
    for (Part part : parts) {
      synchronized (this) {
        if (closed) {
          throw new LifecycleException("Expected to start " + part.name + ", but it is closing");
        }
        // Also a part that fails half way must be closed.
        running.push(part);
        Throwable failure = bounded(part.name, startBound, part.lifecycle::start, START);
        if (failure != null) {
          LifecycleException thrown =
              new LifecycleException(part.name + ": " + failure.getMessage(), failure);
          for (Throwable other : closeRunning()) {
            thrown.addSuppressed(other);
          }
          throw thrown;
        }
      }
    }
  }

  /**
   * Closes what has started, in reverse order, each within its bound.
   *
   * @throws LifecycleException when parts failed; it carries the failure of each as suppressed
   */
  @Override
  public void close() {
    closed = true;
    Thread waiting = starting;
    if (waiting != null) {
      waiting.interrupt();
    }
    List<Throwable> failures;
    synchronized (this) {
      failures = closeRunning();
    }
    if (!failures.isEmpty()) {
      LifecycleException thrown =
          new LifecycleException(failures.size() + " parts did not close: " + messages(failures));
      failures.forEach(thrown::addSuppressed);
      throw thrown;
    }
  }

  private List<Throwable> closeRunning() {
    List<Throwable> failures = new ArrayList<>();
    while (!running.isEmpty()) {
      Part part = running.pop();
      Throwable failure = bounded(part.name, part.closeBound, part.lifecycle::close, "close");
      if (failure != null) {
        failures.add(new LifecycleException(part.name + ": " + failure.getMessage(), failure));
      }
    }
    return failures;
  }

  private static String messages(List<Throwable> failures) {
    return String.join("; ", failures.stream().map(f -> String.valueOf(f.getMessage())).toList());
  }

  /** Runs the action on a thread of its own, so that this thread can give up on it. */
  private @Nullable Throwable bounded(String part, Duration bound, Runnable action, String verb) {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .name(part + " " + verb)
            .uncaughtExceptionHandler((_, e) -> thrown.set(e))
            .unstarted(action);
    if (verb.equals(START)) {
      starting = thread;
    }
    thread.start();
    try {
      if (!thread.join(bound)) {
        thread.interrupt();
        return new LifecycleException(
            "Expected to " + verb + " within " + bound.toMillis() + " ms, but it has not");
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      return e;
    } finally {
      starting = null;
    }
    return thrown.get();
  }

  /** A part that did not start or close; the cause or the suppressed exceptions say why. */
  public static final class LifecycleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LifecycleException(String message) {
      super(message);
    }

    LifecycleException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
