package io.noetl.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class GatheredTest {

  @Test
  void asksAtOnceForOneWhoComesAlone() {
    List<Set<String>> asked = new ArrayList<>();
    Gathered<String, Integer> gathered =
        new Gathered<>(
            10,
            keys -> {
              asked.add(Set.copyOf(keys));
              return Map.of("a", 1);
            });

    assertThat(gathered.get("a")).isEqualTo(1);
    assertThat(gathered.get("b")).isNull();
    assertThat(asked).containsExactly(Set.of("a"), Set.of("b"));
  }

  @Test
  void asksTogetherForThoseWhoComeMeanwhile() throws Exception {
    CountDownLatch asking = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger questions = new AtomicInteger();
    Gathered<Integer, Integer> gathered =
        new Gathered<>(
            100,
            keys -> {
              if (questions.getAndIncrement() == 0) {
                asking.countDown();
                await(goOn);
              }
              return doubled(keys);
            });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> first = threads.submit(() -> gathered.get(0));
      await(asking);
      List<Future<Integer>> others = new ArrayList<>();
      CountDownLatch started = new CountDownLatch(50);
      for (int i = 1; i <= 50; i++) {
        int key = i;
        others.add(
            threads.submit(
                () -> {
                  started.countDown();
                  return gathered.get(key);
                }));
      }
      await(started);
      goOn.countDown();

      assertThat(first.get()).isZero();
      for (int i = 1; i <= 50; i++) {
        assertThat(others.get(i - 1).get()).isEqualTo(2 * i);
      }
    }
    // Those who had not yet come when the second one began were in a third or fourth.
    assertThat(questions.get()).isBetween(2, 20);
  }

  @Test
  void neverAnswersWithWhatWasAskedBeforeTheCallerCame() throws Exception {
    AtomicLong truth = new AtomicLong();
    Gathered<String, Long> gathered = new Gathered<>(1_000, keys -> Map.of("now", truth.get()));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> seen = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        seen.add(
            threads.submit(
                () -> {
                  long known = truth.incrementAndGet();
                  Long answer = gathered.get("now");
                  return answer != null && answer >= known;
                }));
      }
      for (Future<Boolean> one : seen) {
        assertThat(one.get()).isTrue();
      }
    }
  }

  @Test
  void keepsQuestionsWithinTheirLimit() throws Exception {
    AtomicInteger largest = new AtomicInteger();
    Gathered<Integer, Integer> gathered =
        new Gathered<>(
            3,
            keys -> {
              largest.accumulateAndGet(keys.size(), Math::max);
              return doubled(keys);
            });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        int key = i;
        answers.add(threads.submit(() -> gathered.get(key)));
      }
      for (int i = 0; i < 500; i++) {
        assertThat(answers.get(i).get()).isEqualTo(2 * i);
      }
    }
    assertThat(largest.get()).isBetween(1, 3);
  }

  @Test
  void tellsEverybodyWhoWasAskedForOfTheFailureAndGoesOn() {
    AtomicInteger questions = new AtomicInteger();
    Gathered<String, Integer> gathered =
        new Gathered<>(
            10,
            _ -> {
              if (questions.getAndIncrement() == 0) {
                throw new IllegalStateException("no database");
              }
              return Map.of("a", 1);
            });

    assertThatThrownBy(() -> gathered.get("a")).hasMessage("no database");
    assertThat(gathered.get("a")).isEqualTo(1);
  }

  private static Map<Integer, Integer> doubled(Set<Integer> keys) {
    Map<Integer, Integer> answers = new HashMap<>();
    keys.forEach(key -> answers.put(key, 2 * key));
    return answers;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
