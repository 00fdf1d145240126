package io.noetl.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.schedule.Misfire.Policy;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is due, and what becomes of times that were missed. */
final class FirePlanTest {
  private static final Timetable HOURLY =
      new Timetable.Wall(Cron.parse("@hourly"), ZoneId.of("UTC"));

  private static FirePlan plan(Policy policy, int limit, String done, String now) {
    return FirePlan.of(
        HOURLY,
        new Misfire(policy, Duration.ofMinutes(5), limit),
        Instant.parse(done),
        Instant.parse(now));
  }

  private static List<Integer> hours(FirePlan plan) {
    return plan.fires().stream().map(at -> at.atZone(ZoneId.of("UTC")).getHour()).toList();
  }

  @ParameterizedTest
  @CsvSource({"SKIP,3,''", "ONCE,3,'8'", "ALL,3,'6,7,8'", "ALL,100,'1,2,3,4,5,6,7,8'"})
  void dealsWithMissedTimesAsThePolicySays(Policy policy, int limit, String hours) {
    FirePlan plan = plan(policy, limit, "2026-01-01T00:00:00Z", "2026-01-01T08:30:00Z");

    assertThat(hours(plan).toString()).isEqualTo("[" + hours.replace(",", ", ") + "]");
    assertThat(plan.next()).isEqualTo(Instant.parse("2026-01-01T09:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource({"SKIP,'9'", "ONCE,'8,9'", "ALL,'7,8,9'"})
  void aTimeThatIsALittleLateIsNotMissed(Policy policy, String hours) {
    FirePlan plan = plan(policy, 2, "2026-01-01T00:00:00Z", "2026-01-01T09:02:00Z");

    assertThat(hours(plan).toString()).isEqualTo("[" + hours.replace(",", ", ") + "]");
  }

  @Test
  void nothingIsDueTwice() {
    assertThat(plan(Policy.ALL, 10, "2026-01-01T09:00:00Z", "2026-01-01T09:00:30Z").fires())
        .isEmpty();
  }

  @Test
  void yearsOfSecondsCostNoMoreThanADay() {
    Timetable everySecond =
        new Timetable.Every(Duration.ofSeconds(1), Instant.parse("1970-01-01T00:00:00Z"));

    FirePlan plan =
        FirePlan.of(
            everySecond,
            new Misfire(Policy.ALL, Duration.ofSeconds(10), 100_000),
            Instant.parse("1990-01-01T00:00:00Z"),
            Instant.parse("2026-01-01T00:00:00Z"));

    assertThat(plan.fires()).hasSize(FirePlan.MOST).isSorted();
    assertThat(plan.fires().getLast()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
  }

  @Test
  void backfillsFromTheStartToBeforeTheEnd() {
    assertThat(
            FirePlan.between(
                HOURLY,
                Instant.parse("2026-01-01T01:00:00Z"),
                Instant.parse("2026-01-01T03:00:00Z"),
                10))
        .containsExactly(
            Instant.parse("2026-01-01T01:00:00Z"), Instant.parse("2026-01-01T02:00:00Z"));
  }
}
