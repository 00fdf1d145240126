package io.noetl.mode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clock that a file puts wrong. */
final class ShiftedClockTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;

  @Test
  void isOffByWhatItsFileSaysAndFollowsIt() throws Exception {
    Path file = folder.resolve("offset");
    AtomicLong nanos = new AtomicLong();
    ShiftedClock clock = new ShiftedClock(file, () -> NOON, nanos::get);
    assertThat(clock.instant()).isEqualTo(NOON);

    Files.writeString(file, "-30000\n");
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(clock.instant()).isEqualTo(NOON.minusSeconds(30));
    assertThat(clock.millis()).isEqualTo(NOON.minusSeconds(30).toEpochMilli());

    Files.writeString(file, "");
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(clock.instant()).as("while it is written").isEqualTo(NOON.minusSeconds(30));

    Files.writeString(file, "0");
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(clock.instant()).isEqualTo(NOON);
  }

  @Test
  void isThatOfTheSystemWithoutTheProperty() {
    assertThat(ShiftedClock.ofProcess()).isNotInstanceOf(ShiftedClock.class);
  }
}
