package io.noetl.consume;

import io.noetl.bus.Bus;
import io.noetl.bus.BusConsumer;
import io.noetl.bus.BusException;
import io.noetl.bus.ConsumerSpec;
import io.noetl.support.Backoff;
import io.noetl.support.Lifecycle;
import io.noetl.support.Progress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that takes turns with one consumer until it is closed. When a turn fails, readiness says
 * why, and the loop makes a new consumer after a pause: nothing but {@link #close} ends it.
 */
public final class ConsumerLoop implements Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(ConsumerLoop.class);

  /** One turn: a pull and what follows from it. */
  public interface Turn {
    /**
     * @throws InterruptedException when the loop is being closed
     * @throws BusException when the bus does not answer
     */
    void take(BusConsumer consumer) throws InterruptedException;
  }

  private final String name;
  private final Bus bus;
  private final ConsumerSpec spec;
  private final Turn turn;
  private final Progress.Loop progress;
  private final Duration closeBound;
  private volatile boolean closing;
  private volatile @Nullable Thread thread;

  /**
   * @param name of the thread, and in the log
   * @param turn says to {@code progress} that it moved
   * @param closeBound how long {@link #close} waits for the turn that is being taken
   */
  public ConsumerLoop(
      String name,
      Bus bus,
      ConsumerSpec spec,
      Turn turn,
      Progress.Loop progress,
      Duration closeBound) {
    this.name = name;
    this.bus = bus;
    this.spec = spec;
    this.turn = turn;
    this.progress = progress;
    this.closeBound = closeBound;
  }

  @Override
  public void start() {
    thread = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /** Whether {@link #close} was called. */
  public boolean closing() {
    return closing;
  }

  /** Ends a turn that waits; messages that were not answered come again. */
  @Override
  public void close() {
    closing = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      try {
        running.join(closeBound);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    Backoff backoff = Backoff.reconnecting();
    while (!closing) {
      try {
        try (BusConsumer consumer = consumer()) {
          while (!closing) {
            turn.take(consumer);
            backoff.reset();
          }
        } catch (BusException e) {
          progress.stuck(e.getMessage());
          log.warn("{} starts over: {}", name, e.getMessage());
          Thread.sleep(backoff.next());
        } catch (RuntimeException e) {
          // A fault of ours. The loop must not end in silence: it goes on, and readiness says why.
          progress.stuck("internal error: " + e.getClass().getSimpleName());
          log.error("{} failed, trying again", name, e);
          Thread.sleep(backoff.next());
        }
      } catch (InterruptedException e) {
        closing = true;
      }
    }
  }

  private BusConsumer consumer() throws InterruptedException {
    bus.ensureStreams();
    return bus.consumer(spec);
  }
}
