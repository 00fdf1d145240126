package io.noetl.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void doublesUpToTheCapAndStaysWithinHalfOfIt() {
    Backoff backoff =
        new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), new SplittableRandom(7));

    for (int full : new int[] {10, 20, 40, 80, 100, 100, 100}) {
      assertThat(backoff.next()).isBetween(Duration.ofMillis(full / 2), Duration.ofMillis(full));
    }
    assertThat(backoff.attempts()).isEqualTo(7);

    backoff.reset();
    assertThat(backoff.next()).isBetween(Duration.ofMillis(5), Duration.ofMillis(10));
  }

  @Test
  void neverOverflowsHoweverOftenItIsAsked() {
    Backoff backoff = new Backoff(Duration.ofNanos(1), Duration.ofDays(1), new SplittableRandom(1));

    for (int i = 0; i < 200; i++) {
      assertThat(backoff.next()).isBetween(Duration.ZERO, Duration.ofDays(1));
    }
    assertThat(backoff.next()).isGreaterThanOrEqualTo(Duration.ofHours(12));
  }

  @Test
  void refusesACapBelowTheFirstPause() {
    assertThatThrownBy(
            () -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1), new SplittableRandom()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
