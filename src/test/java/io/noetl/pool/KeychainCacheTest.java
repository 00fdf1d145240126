package io.noetl.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.language.Rule;
import io.noetl.pool.KeychainEntries.Unresolved;
import io.noetl.pool.KeychainEntries.Value;
import io.noetl.tool.auth.Credential;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Rule("16.3")
class KeychainCacheTest {
  private static final Duration LIFE = Duration.ofSeconds(100);
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final KeychainCache cache = new KeychainCache(now::get, 2);
  private final AtomicInteger made = new AtomicInteger();

  private Value next(@Nullable Instant expires) {
    return new Value(new Credential("e", "generic", Map.of("n", made.incrementAndGet())), expires);
  }

  private int got(boolean ahead) throws Exception {
    return number(cache.get("k", LIFE, ahead, () -> next(null)));
  }

  private static int number(Value value) {
    return (Integer) value.credential().data().get("n");
  }

  private void at(int seconds) {
    now.set(START.plusSeconds(seconds));
  }

  @Test
  void keepsAValueUntilItsTimeIsOver() throws Exception {
    assertThat(got(false)).isEqualTo(1);
    at(99);
    assertThat(got(false)).isEqualTo(1);
    at(100);
    assertThat(got(false)).isEqualTo(2);
  }

  @Test
  void renewsAheadOfTheEndWhereThatIsWanted() throws Exception {
    assertThat(got(true)).isEqualTo(1);
    at(79);
    assertThat(got(true)).isEqualTo(1);
    at(80);
    assertThat(got(true)).isEqualTo(2);
    at(179);
    assertThat(got(true)).isEqualTo(3);
  }

  @Test
  void givesOutAValueThatCannotBeRenewedUntilItsEndAndNotAfter() throws Exception {
    KeychainCache.Maker fails =
        () -> {
          throw new Unresolved("away");
        };
    assertThat(got(true)).isEqualTo(1);
    at(90);
    assertThat(number(cache.get("k", LIFE, true, fails))).isEqualTo(1);
    at(100);
    assertThatThrownBy(() -> cache.get("k", LIFE, true, fails)).hasMessage("away");
  }

  @Test
  void aValueThatEndsEarlierIsKeptNoLonger() throws Exception {
    assertThat(number(cache.get("k", LIFE, false, () -> next(START.plusSeconds(10))))).isEqualTo(1);
    at(9);
    assertThat(got(false)).isEqualTo(1);
    at(10);
    assertThat(got(false)).isEqualTo(2);
  }

  @Test
  void keepsApartWhatHasOtherKeysAndForgetsTheOldest() throws Exception {
    assertThat(got(false)).isEqualTo(1);
    assertThat(number(cache.get("b", LIFE, false, () -> next(null)))).isEqualTo(2);
    assertThat(number(cache.get("c", LIFE, false, () -> next(null)))).isEqualTo(3);
    assertThat(got(false)).isEqualTo(4);
  }

  @Test
  void manyThatNeedItAtOnceMakeItOnce() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Value> first =
          threads.submit(
              () ->
                  cache.get(
                      "k",
                      LIFE,
                      false,
                      () -> {
                        begun.countDown();
                        finish.await();
                        return next(null);
                      }));
      begun.await();
      Future<Integer> second = threads.submit(() -> got(false));
      finish.countDown();

      assertThat(number(first.get())).isEqualTo(1);
      assertThat(second.get()).isEqualTo(1);
    }
  }
}
