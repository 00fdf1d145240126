package io.noetl.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When schedules fire, above all where the clocks of a zone change. */
final class TimetableTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static List<String> fires(String cron, String zone, String after, int most) {
    return fires(new Timetable.Wall(Cron.parse(cron), ZoneId.of(zone)), after, most);
  }

  private static List<String> fires(Timetable times, String after, int most) {
    List<String> found = new ArrayList<>();
    Instant at = times.next(Instant.parse(after));
    while (at != null && found.size() < most) {
      found.add(at.toString());
      at = times.next(at);
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*/15 * * * *       | 2026-01-01T00:00:00Z | 2026-01-01T00:15:00Z",
        "0 9-17 * * MON-FRI | 2026-01-02T17:00:00Z | 2026-01-05T09:00:00Z",
        "30 2 1,15 * *      | 2026-01-01T02:30:00Z | 2026-01-15T02:30:00Z",
        "0 0 29 FEB *       | 2026-01-01T00:00:00Z | 2028-02-29T00:00:00Z",
        "0 0 13 * 5         | 2026-02-01T00:00:00Z | 2026-02-06T00:00:00Z",
        "0 0 13 * ?         | 2026-02-01T00:00:00Z | 2026-02-13T00:00:00Z",
        "0 0 * * 7          | 2026-02-01T00:00:00Z | 2026-02-08T00:00:00Z",
        "0 0 * * sun        | 2026-02-01T00:00:00Z | 2026-02-08T00:00:00Z",
        "0 0 * * SUN-TUE    | 2026-02-03T00:00:00Z | 2026-02-08T00:00:00Z",
        "0 0 * * FRI-SUN    | 2026-02-01T00:00:00Z | 2026-02-06T00:00:00Z",
        "0 0 ? * 5          | 2026-02-01T00:00:00Z | 2026-02-06T00:00:00Z",
        "0 0 ? * ?          | 2026-02-01T00:00:00Z | 2026-02-02T00:00:00Z",
        "0 0 */2 * 1        | 2026-01-05T00:00:00Z | 2026-01-19T00:00:00Z",
        "0 0 0 13 2 5       | 2026-02-07T00:00:00Z | 2026-02-13T00:00:00Z",
        "0 0 0 13 2 5       | 2026-02-28T00:00:00Z | 2027-02-05T00:00:00Z",
        "*/20 * * * * *     | 2026-01-01T00:00:50Z | 2026-01-01T00:01:00Z",
        "5/20 * * * *       | 2026-01-01T00:26:00Z | 2026-01-01T00:45:00Z",
        "@hourly            | 2026-01-01T00:00:00Z | 2026-01-01T01:00:00Z",
        "@yearly            | 2026-01-01T00:00:00Z | 2027-01-01T00:00:00Z",
        "@Weekly            | 2026-01-01T00:00:00Z | 2026-01-04T00:00:00Z",
        "* * * * * *        | 2026-01-01T00:00:00.5Z | 2026-01-01T00:00:01Z",
        "0 0 29 2 *         | 2096-03-01T00:00:00Z | 2104-02-29T00:00:00Z",
        "0 12 31 * *        | 2026-01-31T12:00:00Z | 2026-03-31T12:00:00Z",
        "0 0 * * *          | 2026-01-01T00:00:00.000001Z | 2026-01-02T00:00:00Z"
      })
  void findsTheNextTime(String cron, String after, String next) {
    assertThat(fires(cron, "UTC", after, 1)).containsExactly(next);
  }

  @Test
  void anExpressionThatMatchesNothingHasNoNextTime() {
    assertThat(fires("0 0 31 2 *", "Europe/Berlin", "2026-01-01T00:00:00Z", 1)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "a * * * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "* * L * *",
        "* * * * MON#1",
        "1,,2 * * * *",
        "* * * * * * *",
        "@never",
        "@reboot",
        "9-/ * * * *",
        "0|5 0 * * *",
        "-1 * * * *",
        "* * * XYZ *"
      })
  void refusesWhatIsNoExpression(String cron) {
    assertThatThrownBy(() -> Cron.parse(cron))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Expected ");
  }

  @Test
  void aFixedTimeThatIsSkippedFiresOnceWhenTheClocksGoForward() {
    // 2026-03-29: 02:00 becomes 03:00 in Berlin, which is 01:00 UTC.
    assertThat(fires("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", 4))
        .containsExactly(
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z",
            "2026-03-31T00:30:00Z");
    assertThat(fires("0,15,30,45 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2))
        .containsExactly("2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z");
    assertThat(fires("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2))
        .as("the skipped 02:00 and the real 03:00 are one moment")
        .containsExactly("2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z");
  }

  @Test
  void aFixedTimeThatComesTwiceFiresAtTheFirstWhenTheClocksGoBack() {
    // 2026-10-25: 03:00 becomes 02:00 in Berlin, at 01:00 UTC.
    assertThat(fires("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2))
        .containsExactly("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    assertThat(fires("30 2 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", 1))
        .as("asked between the two")
        .containsExactly("2026-10-26T01:30:00Z");
    assertThat(fires("30 2 * * *", "Europe/Berlin", "2026-10-25T01:00:00Z", 1))
        .as("asked at the change")
        .containsExactly("2026-10-26T01:30:00Z");
    assertThat(fires("0 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 1))
        .containsExactly("2026-10-25T02:00:00Z");
  }

  @Test
  void anExpressionOfEveryHourCountsElapsedTime() {
    assertThat(fires("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15:00Z", 4))
        .containsExactly(
            "2026-03-29T00:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-29T01:30:00Z",
            "2026-03-29T02:00:00Z");
    assertThat(fires("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 6))
        .containsExactly(
            "2026-10-25T00:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
            "2026-10-25T02:00:00Z",
            "2026-10-25T02:30:00Z");
  }

  @Test
  void zonesWhoseClocksChangeAtMidnightOrByHalfAnHourAreNoDifferent() {
    // Beirut skips 00:00 on 2026-03-29; Lord Howe goes back by half an hour on 2026-04-05.
    assertThat(fires("0 0 * * *", "Asia/Beirut", "2026-03-28T12:00:00Z", 2))
        .containsExactly("2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z");
    assertThat(fires("45 1 * * *", "Australia/Lord_Howe", "2026-04-03T20:00:00Z", 2))
        .containsExactly("2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z");
  }

  @Test
  void everyTimeOfAYearIsMatchedByTheWallOfTheZoneAndNoneIsMissed() {
    SplittableRandom random = new SplittableRandom(20_260_329);
    for (int round = 0; round < 200; round++) {
      int minute = random.nextInt(60);
      int hour = random.nextInt(24);
      Timetable times = new Timetable.Wall(Cron.parse(minute + " " + hour + " * * *"), BERLIN);
      Instant at = Instant.parse("2025-12-31T22:59:59Z");
      LocalDateTime day = LocalDateTime.of(2026, 1, 1, 0, 0);
      for (int i = 0; i < 365; i++) {
        @Nullable Instant next = times.next(at);
        ZonedDateTime expected = day.withHour(hour).withMinute(minute).atZone(BERLIN);
        // A skipped time is shifted by java.time; here it fires at the change.
        boolean skipped = expected.getHour() != hour;
        assertThat(next)
            .isEqualTo(
                skipped
                    ? expected.toInstant().truncatedTo(ChronoUnit.HOURS)
                    : expected.toInstant());
        assertThat(times.next(next.minusNanos(1))).isEqualTo(next);
        at = next;
        day = day.plusDays(1);
      }
    }
  }

  @Test
  void anIntervalIsCountedFromItsAnchor() {
    Timetable times =
        new Timetable.Every(Duration.ofMinutes(40), Instant.parse("2026-01-01T00:10:00Z"));

    assertThat(fires(times, "2026-01-01T00:00:00Z", 2))
        .containsExactly("2026-01-01T00:10:00Z", "2026-01-01T00:50:00Z");
    assertThat(fires(times, "2026-01-01T00:50:00Z", 1)).containsExactly("2026-01-01T01:30:00Z");
    assertThat(fires(times, "2025-12-31T23:00:00Z", 1)).containsExactly("2025-12-31T23:30:00Z");
  }

  @Test
  void boundsHoldStartIncludedAndEndNot() {
    Timetable times =
        new Timetable.Between(
            new Timetable.Wall(Cron.parse("@daily"), ZoneId.of("UTC")),
            Instant.parse("2026-01-02T00:00:00Z"),
            Instant.parse("2026-01-04T00:00:00Z"));

    assertThat(fires(times, "2025-01-01T00:00:00Z", 9))
        .containsExactly("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z");
  }
}
