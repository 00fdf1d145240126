package io.noetl.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final AtomicLong nanos = new AtomicLong(-5);
  private final Progress progress = new Progress(nanos::get);

  @Test
  void isReadyUntilALoopStopsGoingRound() {
    Progress.Loop loop = progress.loop("publisher", Duration.ofSeconds(5));
    assertThat(progress.ready()).isTrue();

    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    assertThat(progress.ready()).isFalse();
    assertThat(loop.age().age()).isEqualTo(Duration.ofSeconds(6));

    loop.moved();
    assertThat(progress.ready()).isTrue();
  }

  @Test
  void isNotReadyWhileALoopSaysWhatItIsStuckOn() {
    Progress.Loop loop = progress.loop("projector", Duration.ofSeconds(5));

    loop.stuck("no database");
    assertThat(progress.ages())
        .singleElement()
        .satisfies(
            age -> {
              assertThat(age.ok()).isFalse();
              assertThat(age.stuckOn()).isEqualTo("no database");
            });

    loop.moved();
    assertThat(progress.ready()).isTrue();
  }
}
