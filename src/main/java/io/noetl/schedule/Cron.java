package io.noetl.schedule;

import com.cronutils.model.CompositeCron;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.field.CronFieldName;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A cron expression: which local times it matches. Five fields (minute, hour, day of month, month,
 * day of week), or six with seconds in front, or {@code @hourly} and the like. A field is a list of
 * {@code *}, numbers, names, ranges and steps. Days of month and of week that are both restricted
 * match when either does, as in Unix. Immutable.
 *
 * <p>A library reads it and finds its times; it is asked in a zone whose clocks never change, for
 * what happens where they do is for {@link Timetable.Wall} to say.
 */
final class Cron {
  private static final CronParser FIVE_FIELDS = new CronParser(definition(false));
  private static final CronParser SIX_FIELDS = new CronParser(definition(true));

  private final ExecutionTime times;
  private final boolean everyHour;

  private Cron(ExecutionTime times, boolean everyHour) {
    this.times = times;
    this.everyHour = everyHour;
  }

  private static CronDefinition definition(boolean seconds) {
    CronDefinitionBuilder cron = CronDefinitionBuilder.defineCron();
    if (seconds) {
      cron.withSeconds().withStrictRange().and();
    }
    cron.withMinutes().withStrictRange().and();
    cron.withHours().withStrictRange().and();
    // With question marks, days of month and of week must both match; see eitherDay.
    cron.withDayOfMonth().supportsQuestionMark().withStrictRange().and();
    cron.withMonth().withStrictRange().and();
    cron.withDayOfWeek()
        .withValidRange(0, 7)
        .withMondayDoWValue(1)
        .withIntMapping(7, 0)
        .supportsQuestionMark()
        .withStrictRange()
        .and();
    return seconds
        ? cron.instance()
        : cron.withSupportedNicknameHourly()
            .withSupportedNicknameDaily()
            .withSupportedNicknameMidnight()
            .withSupportedNicknameWeekly()
            .withSupportedNicknameMonthly()
            .withSupportedNicknameYearly()
            .withSupportedNicknameAnnually()
            .instance();
  }

  /**
   * @throws IllegalArgumentException when the text is no expression; the message says why
   */
  static Cron parse(String text) {
    // Sunday is the day before Monday in a range that begins with it, and the one after Saturday in
    // one that ends with it.
    String wanted =
        text.strip().toLowerCase(Locale.ROOT).replace('?', '*').replaceAll("sun-(?=\\S*$)", "0-");
    String[] fields = wanted.split("\\s+");
    CronParser parser = fields.length == 6 ? SIX_FIELDS : FIVE_FIELDS;
    try {
      if (wanted.indexOf('|') >= 0) {
        throw new IllegalArgumentException("| is no part of one");
      }
      com.cronutils.model.Cron cron = parser.parse(wanted).validate();
      String hours = cron.retrieve(CronFieldName.HOUR).getExpression().asString();
      return new Cron(
          ExecutionTime.forCron(eitherDay(fields) ? either(parser, fields) : cron),
          everyHour(hours));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      // The second is what the library has for "9-/".
      // The reason first: whoever tells of many faults cuts each short.
      throw new IllegalArgumentException(
          "Expected a cron expression, but got '"
              + text
              + "': "
              + String.valueOf(e.getMessage()).replace("Failed to parse cron expression. ", "")
              + ". It has five fields (minute, hour, day of month, month, day of week) made of *,"
              + " numbers, names (MON, JAN), ranges (1-5), steps (*/5) and lists of them, six with"
              + " seconds in front, or is one of @hourly, @daily, @midnight, @weekly, @monthly,"
              + " @yearly, @annually",
          e);
    }
  }

  private static boolean eitherDay(String[] fields) {
    int last = fields.length - 1;
    return last > 0 && !fields[last].startsWith("*") && !fields[last - 2].startsWith("*");
  }

  private static com.cronutils.model.Cron either(CronParser parser, String[] fields) {
    String[] ofMonth = fields.clone();
    String[] ofWeek = fields.clone();
    ofMonth[fields.length - 1] = "*";
    ofWeek[fields.length - 3] = "*";
    return new CompositeCron(
        List.of(parser.parse(String.join(" ", ofMonth)), parser.parse(String.join(" ", ofWeek))));
  }

  private static boolean everyHour(String hours) {
    ZonedDateTime day = ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    ExecutionTime times = ExecutionTime.forCron(FIVE_FIELDS.parse("0 " + hours + " * * *"));
    for (int hour = 0; hour < 24; hour++) {
      if (!times.isMatch(day.withHour(hour))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether it matches in every hour. Such an expression counts elapsed time: an hour that comes
   * twice has its times twice, and one that is skipped has none.
   */
  boolean everyHour() {
    return everyHour;
  }

  /** The first local time that matches, from this one on; null when there is none. */
  @Nullable LocalDateTime nextOrSame(LocalDateTime from) {
    // The library looks for a later time, and leaves fractions of a second in what it finds.
    LocalDateTime before = from.minusNanos(1).truncatedTo(ChronoUnit.SECONDS);
    return times
        .nextExecution(before.atZone(ZoneOffset.UTC))
        .map(ZonedDateTime::toLocalDateTime)
        .orElse(null);
  }
}
