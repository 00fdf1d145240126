package io.noetl.api;

import io.noetl.journal.CommitListener;
import io.noetl.query.Executions;
import io.noetl.support.Lifecycle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells streams that their execution has gone on. The lanes of this server say themselves what they
 * have committed; for what other servers committed, one statement asks for all executions that are
 * watched, every {@code server.feed-poll}. Streams that wait hold no connection. Safe for use by
 * many threads.
 */
public final class EventFeed implements Lifecycle, CommitListener {
  private static final Logger log = LoggerFactory.getLogger(EventFeed.class);

  private final Executions executions;
  private final Duration poll;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Long, Set<Watch>> watches = new HashMap<>();
  private volatile boolean watched;
  private volatile boolean closing;
  private volatile @Nullable Thread thread;

  /**
   * @param poll longest time until what another server committed is seen
   */
  public EventFeed(Executions executions, Duration poll) {
    if (!poll.isPositive()) {
      throw new IllegalArgumentException(
          "Expected server.feed-poll to be positive, but it is " + poll.toMillis() + " ms");
    }
    this.executions = executions;
    this.poll = poll;
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("event-feed").start(this::run);
  }

  @Override
  public void committed(Map<Long, Integer> positions, Set<Long> ended) {
    if (watched) {
      tell(positions, ended);
    }
  }

  /** Ends all streams: their readers resume elsewhere. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      watches.values().forEach(set -> set.forEach(watch -> watch.changed.signalAll()));
    } finally {
      lock.unlock();
    }
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      try {
        running.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Begins to watch.
   *
   * @param reader told regularly how far the execution is, so that one that is stuck can be freed
   */
  Watch watch(long executionId, Reader reader) {
    Watch watch = new Watch(executionId, reader);
    lock.lock();
    try {
      watches.computeIfAbsent(executionId, _ -> new HashSet<>()).add(watch);
      watched = true;
    } finally {
      lock.unlock();
    }
    return watch;
  }

  /** Somebody who reads a stream. */
  interface Reader {
    /** Called by the thread of the feed; must return at once. */
    void look(int headSeq);
  }

  /** One stream's wait for news. */
  final class Watch implements AutoCloseable {
    private final long executionId;
    private final Reader reader;
    private final Condition changed = lock.newCondition();
    private int head;
    private boolean ended;
    private boolean onlyEnd;

    private Watch(long executionId, Reader reader) {
      this.executionId = executionId;
      this.reader = reader;
    }

    /**
     * Waits until the execution is past a position.
     *
     * @return true when it is; false when the time is over first
     */
    boolean await(int position, Duration atMost) throws InterruptedException {
      long left = atMost.toNanos();
      lock.lock();
      try {
        while (!closing) {
          if (head > position) {
            return true;
          }
          if (left <= 0) {
            return false;
          }
          left = changed.awaitNanos(left);
        }
        return false;
      } finally {
        lock.unlock();
      }
    }

    /** Waits until the execution has ended, the time is over, or the feed closes. */
    void awaitEnd(Duration atMost) throws InterruptedException {
      long left = atMost.toNanos();
      lock.lock();
      try {
        onlyEnd = true;
        while (!closing && !ended && left > 0) {
          left = changed.awaitNanos(left);
        }
      } finally {
        onlyEnd = false;
        lock.unlock();
      }
    }

    boolean closed() {
      return closing;
    }

    @Override
    public void close() {
      lock.lock();
      try {
        Set<Watch> others = watches.get(executionId);
        if (others != null && others.remove(this) && others.isEmpty()) {
          watches.remove(executionId);
          watched = !watches.isEmpty();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void run() {
    boolean failing = false;
    while (!closing) {
      try {
        Thread.sleep(poll);
        List<Long> executionIds = watched();
        if (!executionIds.isEmpty()) {
          Map<Long, Integer> positions = new HashMap<>();
          Set<Long> ended = new HashSet<>();
          executions
              .heads(executionIds)
              .forEach(
                  (id, head) -> {
                    positions.put(id, head.seq());
                    if (head.status().terminal()) {
                      ended.add(id);
                    }
                  });
          tell(positions, ended);
        }
        failing = false;
      } catch (InterruptedException e) {
        // Only close interrupts.
        return;
      } catch (RuntimeException e) {
        if (!failing) {
          log.warn("event feed cannot see what was committed, trying again: {}", e.getMessage());
        }
        failing = true;
      }
    }
  }

  private List<Long> watched() {
    lock.lock();
    try {
      return new ArrayList<>(watches.keySet());
    } finally {
      lock.unlock();
    }
  }

  private void tell(Map<Long, Integer> positions, Set<Long> ended) {
    lock.lock();
    try {
      positions.forEach(
          (executionId, position) -> {
            for (Watch watch : watches.getOrDefault(executionId, Set.of())) {
              watch.ended |= ended.contains(executionId);
              if (watch.head < position) {
                watch.head = position;
                if (!watch.onlyEnd || watch.ended) {
                  watch.changed.signalAll();
                }
              }
              watch.reader.look(watch.head);
            }
          });
    } finally {
      lock.unlock();
    }
  }
}
