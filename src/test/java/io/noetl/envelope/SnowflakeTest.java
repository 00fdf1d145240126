package io.noetl.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Ids grow whatever the clock does, or there are none. */
final class SnowflakeTest {
  private static final long NOON = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();

  private final AtomicLong clock = new AtomicLong(NOON);
  private final Snowflake ids = new Snowflake(5, clock::get);

  @Test
  void ridesOutAClockThatStepsBackByUpToFiveSeconds() {
    long first = ids.next();
    clock.addAndGet(-Snowflake.MAX_BACKWARD_MS);

    assertThat(ids.trouble()).isNull();
    assertThat(ids.next()).isGreaterThan(first);
    assertThat(Snowflake.instantOf(ids.next())).isEqualTo(Instant.ofEpochMilli(NOON));
  }

  @Test
  void mintsNothingWhenItStepsBackFurtherUntilItHasCaughtUp() {
    long first = ids.next();
    clock.addAndGet(-Snowflake.MAX_BACKWARD_MS - 1);

    assertThat(ids.trouble()).contains("stepped back by 5001 ms (machine=5)");
    assertThatThrownBy(ids::next)
        .isInstanceOf(NoIdsException.class)
        .hasMessageContaining("no ids are minted until it has caught up");

    clock.set(NOON + 1);
    assertThat(ids.trouble()).isNull();
    assertThat(ids.next()).isGreaterThan(first);
  }

  @Test
  void mintsMoreThanAMillisecondHoldsWithoutRepeat() {
    long last = 0;
    for (int i = 0; i < 10_000; i++) {
      long next = ids.next();
      assertThat(next).isGreaterThan(last);
      last = next;
    }
    assertThat(ids.trouble()).isNull();
  }
}
