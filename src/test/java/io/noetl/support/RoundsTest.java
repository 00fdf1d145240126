package io.noetl.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RoundsTest {
  private static final Duration NEVER = Duration.ofDays(1);

  private final Progress progress = new Progress(System::nanoTime);
  private final Progress.Loop loop = progress.loop("rounds", NEVER);

  private Rounds rounds(Duration every, Rounds.Round round) {
    return new Rounds("rounds", every, loop, Set.of(IllegalStateException.class), round);
  }

  @Test
  void goesOnAtOnceWhileARoundLeavesSomething() throws InterruptedException {
    CountDownLatch third = new CountDownLatch(3);

    try (Rounds rounds =
        rounds(
            NEVER,
            () -> {
              third.countDown();
              return third.getCount() > 0 ? Rounds.Next.AT_ONCE : Rounds.Next.LATER;
            })) {
      rounds.start();

      assertThat(third.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void saysInReadinessWhatARoundFailsOnAndTriesAgain() throws InterruptedException {
    CountDownLatch failed = new CountDownLatch(1);
    CountDownLatch mended = new CountDownLatch(1);
    AtomicInteger tries = new AtomicInteger();

    try (Rounds rounds =
        rounds(
            Duration.ofMillis(1),
            () -> {
              switch (tries.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("the database is down");
                case 2 -> {
                  assertThat(loop.age().stuckOn()).isEqualTo("the database is down");
                  throw new UnsupportedOperationException("a fault of ours");
                }
                case 3 -> {
                  assertThat(loop.age().stuckOn())
                      .isEqualTo("internal error: UnsupportedOperationException");
                  failed.countDown();
                }
                case 4 -> mended.countDown();
                default -> {}
              }
              return Rounds.Next.LATER;
            })) {
      rounds.start();

      assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(mended.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(loop.age().ok()).isTrue();
    }
  }

  @Test
  void closeWaitsForTheRoundThatRuns() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Rounds[] self = new Rounds[1];
    self[0] =
        rounds(
            NEVER,
            () -> {
              begun.countDown();
              while (!self[0].closing()) {
                Thread.onSpinWait();
              }
              ended.countDown();
              return Rounds.Next.AT_ONCE;
            });
    self[0].start();
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();

    self[0].close();

    assertThat(ended.getCount()).isZero();
  }

  @Test
  void closeBeforeStartDoesNothing() {
    rounds(NEVER, () -> Rounds.Next.LATER).close();
  }

  @Test
  void beginsWhenSomebodySaysThatThereIsSomethingToDo() throws InterruptedException {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(2);
    try (Rounds rounds =
        rounds(
            NEVER,
            () -> {
              first.countDown();
              second.countDown();
              return Rounds.Next.LATER;
            })) {
      rounds.start();
      assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();

      rounds.soon(NEVER.plusDays(1_000_000));
      rounds.soon(Duration.ofMillis(20));
      rounds.soon(NEVER);

      assertThat(second.await(30, TimeUnit.SECONDS)).as("the soonest counts").isTrue();
    }
  }

  @Test
  void whatIsSaidDuringARoundIsNotForgotten() throws InterruptedException {
    CountDownLatch second = new CountDownLatch(2);
    Rounds[] self = new Rounds[1];
    self[0] =
        rounds(
            NEVER,
            () -> {
              second.countDown();
              if (second.getCount() > 0) {
                self[0].soon(Duration.ofSeconds(-1));
              }
              return Rounds.Next.LATER;
            });
    try (Rounds rounds = self[0]) {
      rounds.start();

      assertThat(second.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void manyMomentsCloseTogetherTakeFewRounds() throws InterruptedException {
    CountDownLatch some = new CountDownLatch(5);
    AtomicInteger many = new AtomicInteger();
    try (Rounds rounds =
        rounds(
            NEVER,
            () -> {
              many.incrementAndGet();
              some.countDown();
              return Rounds.Next.LATER;
            })) {
      rounds.start();
      long begun = System.nanoTime();
      while (some.getCount() > 0) {
        rounds.soon(Duration.ZERO);
        Thread.onSpinWait();
      }
      long gaps = (System.nanoTime() - begun) / Rounds.GAP.toNanos();

      assertThat((long) many.get()).isLessThanOrEqualTo(gaps + 2);
    }
  }
}
