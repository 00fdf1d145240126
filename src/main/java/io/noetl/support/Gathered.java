package io.noetl.support;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks one question for many: while an answer is on its way, callers that arrive gather, and then
 * are asked for together. Every caller gets an answer to a question that was asked after he came,
 * so it is as new as if he had asked alone; nothing is remembered. One who comes alone asks at
 * once, on his own thread.
 *
 * <p>Safe for use by many threads. Waiting is not interrupted: it takes as long as two questions at
 * most.
 *
 * @param <K> what is asked for; compared by equality
 * @param <V> an answer
 */
public final class Gathered<K, V> {
  private final Function<Set<K>, Map<K, V>> source;
  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private Round gathering = new Round();
  private final int sideBySide;
  private int asking;

  private final class Round {
    private final Set<K> keys = new LinkedHashSet<>();
    private final Condition changed = lock.newCondition();
    private Map<K, V> answers = Map.of();
    private @Nullable RuntimeException failure;
    private boolean begun;
    private boolean done;
  }

  /**
   * @param most keys in one question; callers beyond it form the next one
   * @param source gives an answer to each key that has one; blocks; its exception goes to everybody
   *     who was asked for
   */
  public Gathered(int most, Function<Set<K>, Map<K, V>> source) {
    this(most, 1, source);
  }

  /** As the other one, with several questions on their way before callers gather. */
  public Gathered(int most, int sideBySide, Function<Set<K>, Map<K, V>> source) {
    this.sideBySide = sideBySide;
    if (most < 1 || sideBySide < 1) {
      throw new IllegalArgumentException(
          "Expected at least one key in a question, but got " + most);
    }
    this.most = most;
    this.source = source;
  }

  /** The answer to the key, or null when there is none. */
  public @Nullable V get(K key) {
    Round round;
    lock.lock();
    try {
      while (gathering.keys.size() >= most && !gathering.keys.contains(key)) {
        room.awaitUninterruptibly();
      }
      round = gathering;
      round.keys.add(key);
      while (asking >= sideBySide && !round.begun) {
        round.changed.awaitUninterruptibly();
      }
      if (round.begun) {
        while (!round.done) {
          round.changed.awaitUninterruptibly();
        }
        return answer(round, key);
      }
      round.begun = true;
      asking++;
      gathering = new Round();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    ask(round);
    return answer(round, key);
  }

  private void ask(Round round) {
    Map<K, V> answers = Map.of();
    RuntimeException failure = null;
    try {
      answers = new LinkedHashMap<>(source.apply(round.keys));
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      lock.lock();
      try {
        round.answers = answers;
        round.failure = failure;
        round.done = true;
        asking--;
        round.changed.signalAll();
        // One of those who gathered meanwhile asks next.
        gathering.changed.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  private @Nullable V answer(Round round, K key) {
    if (round.failure != null) {
      throw round.failure;
    }
    return round.answers.get(key);
  }
}
