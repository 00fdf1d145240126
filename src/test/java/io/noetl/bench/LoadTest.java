package io.noetl.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LoadTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  @Test
  void asksWithAsManyClientsAsWanted() throws Exception {
    Set<Integer> clients = ConcurrentHashMap.newKeySet();
    CountDownLatch allThere = new CountDownLatch(5);

    Load.Outcome outcome =
        Load.closed(
            5,
            SHORT,
            client -> {
              if (clients.add(client)) {
                allThere.countDown();
              }
              allThere.await();
            });

    assertThat(clients).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    assertThat(outcome.micros().getTotalCount()).isGreaterThanOrEqualTo(5);
    assertThat(outcome.failed()).isZero();
    assertThat(outcome.rate()).isPositive();
  }

  @Test
  void keepsFailedRunsOutOfTheTimes() throws Exception {
    AtomicInteger runs = new AtomicInteger();

    Load.Outcome outcome =
        Load.closed(
            1,
            SHORT,
            _ -> {
              if (runs.incrementAndGet() == 2) {
                throw new IllegalStateException("the second one");
              }
            });

    assertThat(outcome.failed()).isEqualTo(1);
    assertThat(outcome.reason()).isEqualTo("the second one");
    assertThat(outcome.micros().getTotalCount()).isEqualTo(runs.get() - 1L);
  }

  @Test
  void beginsRunsOfAnOpenLoopThatAreDueWhileOthersStall() throws Exception {
    CountDownLatch allBegun = new CountDownLatch(40);

    // Nobody ends before everybody has begun: a closed loop would never come to its end.
    Load.Outcome outcome =
        Load.open(
            200,
            SHORT,
            _ -> {
              allBegun.countDown();
              allBegun.await();
            });

    assertThat(outcome.micros().getTotalCount()).isEqualTo(40);
    // The first was due long before the last, and its time says so.
    assertThat(outcome.micros().getMaxValue()).isGreaterThan(150_000);
  }
}
