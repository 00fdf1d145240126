package io.noetl.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MarkTest {
  private final Mark mark =
      new Mark(AdmissionMetrics.Kind.OUTBOX, "things", "admission.things-high", 100, 80);

  private static long second(int n) {
    return Duration.ofSeconds(n).toNanos();
  }

  @Test
  void holdsFromItsHighValueDownToItsLowValue() {
    mark.observe(99, second(1));
    assertThat(mark.refusal()).isNull();
    mark.observe(100, second(2));
    assertThat(mark.refusal()).isNotNull();
    mark.observe(81, second(3));
    assertThat(mark.refusal()).as("still above the low mark").isNotNull();
    mark.observe(80, second(4));
    assertThat(mark.refusal()).isNull();
    mark.observe(99, second(5));
    assertThat(mark.refusal()).as("below the high mark again").isNull();
  }

  @Test
  void saysBacklogMarkAndSetting() {
    mark.observe(123, second(1));

    assertThat(mark.refusal())
        .extracting(Overload::sentence)
        .asString()
        .isEqualTo(
            "Expected fewer than 100 things (admission.things-high), but there are about 123; new"
                + " executions are accepted again at 80");
  }

  @Test
  void asksToComeBackWhenTheBacklogWillHaveShrunk() {
    mark.observe(1_080, second(1));
    mark.observe(980, second(2));

    assertThat(mark.refusal()).extracting(Overload::retryAfterSeconds).isEqualTo(9);
  }

  @Test
  void asksForABoundedPauseHoweverSlowlyItShrinks() {
    mark.observe(1_000_000, second(1));
    assertThat(mark.refusal()).extracting(Overload::retryAfterSeconds).isEqualTo(5);
    mark.observe(999_999, second(2));
    assertThat(mark.refusal()).extracting(Overload::retryAfterSeconds).isEqualTo(60);
    mark.observe(1_100_000, second(3));
    assertThat(mark.refusal()).extracting(Overload::retryAfterSeconds).isEqualTo(5);
    mark.observe(81, second(4));
    assertThat(mark.refusal()).extracting(Overload::retryAfterSeconds).isEqualTo(1);
  }

  @Test
  void aMarkOfOneOpensOnlyWhenNothingWaits() {
    Mark one = new Mark(AdmissionMetrics.Kind.OUTBOX, "things", "admission.things-high", 1, 100);
    one.observe(1, second(1));
    assertThat(one.refusal()).isNotNull();
    one.observe(0, second(2));
    assertThat(one.refusal()).isNull();
  }
}
