package io.noetl.schedule;

import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cron expression: which local times it matches. Five fields (minute, hour, day of month, month,
 * day of week), or six with seconds in front, or {@code @hourly} and the like. A field is a list of
 * {@code *}, numbers, names, ranges and steps. Days of month and of week that are both restricted
 * match when either does, as in Unix. Immutable.
 */
final class Cron {
  private static final List<String> MONTHS =
      List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
  private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");
  private static final Map<String, String> MACROS =
      Map.of(
          "@hourly", "0 * * * *",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@weekly", "0 0 * * 0",
          "@monthly", "0 0 1 * *",
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *");

  /** A day of February comes after at most eight years. */
  private static final int YEARS = 9;

  private final BitSet seconds;
  private final BitSet minutes;
  private final BitSet hours;
  private final BitSet daysOfMonth;
  private final BitSet months;
  private final BitSet daysOfWeek;
  private final boolean eitherDay;

  private Cron(
      BitSet seconds,
      BitSet minutes,
      BitSet hours,
      BitSet daysOfMonth,
      BitSet months,
      BitSet daysOfWeek,
      boolean eitherDay) {
    this.seconds = seconds;
    this.minutes = minutes;
    this.hours = hours;
    this.daysOfMonth = daysOfMonth;
    this.months = months;
    this.daysOfWeek = daysOfWeek;
    this.eitherDay = eitherDay;
  }

  /**
   * @throws IllegalArgumentException when the text is no expression; the message says why
   */
  static Cron parse(String text) {
    String wanted = text.strip();
    String macro = MACROS.get(wanted.toLowerCase(Locale.ROOT));
    String[] fields = (macro == null ? wanted : macro).split("\\s+");
    if (fields.length != 5 && fields.length != 6) {
      throw new IllegalArgumentException(
          "Expected five fields (minute, hour, day of month, month, day of week), six with seconds"
              + " in front, or one of "
              + String.join(", ", MACROS.keySet().stream().sorted().toList())
              + ", but got '"
              + text
              + "'");
    }
    int at = fields.length - 5;
    String dayOfMonth = fields[at + 2];
    String dayOfWeek = fields[at + 4];
    return new Cron(
        at == 0 ? field("second", "0", 0, 59, List.of(), 0) : second(fields[0]),
        field("minute", fields[at], 0, 59, List.of(), 0),
        field("hour", fields[at + 1], 0, 23, List.of(), 0),
        field("day of month", dayOfMonth, 1, 31, List.of(), 0),
        field("month", fields[at + 3], 1, 12, MONTHS, 1),
        weekdays(field("day of week", dayOfWeek, 0, 7, DAYS, 0)),
        restricts(dayOfMonth) && restricts(dayOfWeek));
  }

  private static BitSet second(String text) {
    return field("second", text, 0, 59, List.of(), 0);
  }

  private static boolean restricts(String field) {
    return !field.startsWith("*") && !field.startsWith("?");
  }

  /** Seven is another name of Sunday. */
  private static BitSet weekdays(BitSet days) {
    if (days.get(7)) {
      days.set(0);
      days.clear(7);
    }
    return days;
  }

  private static BitSet field(
      String name, String text, int least, int most, List<String> names, int firstName) {
    BitSet set = new BitSet(most + 1);
    for (String part : text.split(",", -1)) {
      int slash = part.indexOf('/');
      String range = slash < 0 ? part : part.substring(0, slash);
      int step = slash < 0 ? 1 : number(name, part.substring(slash + 1), 1, most, List.of(), 0);
      int dash = range.indexOf('-');
      int from;
      int to;
      if (range.equals("*") || range.equals("?")) {
        from = least;
        to = most;
      } else if (dash > 0) {
        from = number(name, range.substring(0, dash), least, most, names, firstName);
        to = number(name, range.substring(dash + 1), least, most, names, firstName);
        if (from > to) {
          throw new IllegalArgumentException(
              "Expected the range of " + name + " to go up, but got '" + part + "'");
        }
      } else {
        from = number(name, range, least, most, names, firstName);
        to = slash < 0 ? from : most;
      }
      for (int value = from; value <= to; value += step) {
        set.set(value);
      }
    }
    return set;
  }

  private static int number(
      String name, String text, int least, int most, List<String> names, int firstName) {
    int named = names.indexOf(text.toUpperCase(Locale.ROOT));
    if (named >= 0) {
      return named + firstName;
    }
    int value = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : -1;
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "Expected "
              + name
              + " to be made of *, numbers from "
              + least
              + " to "
              + most
              + (names.isEmpty() ? "" : ", names such as " + names.get(1))
              + ", ranges (1-5), steps (*/5) and lists of them, but got '"
              + text
              + "'");
    }
    return value;
  }

  /**
   * Whether it matches in every hour. Such an expression counts elapsed time: an hour that comes
   * twice has its times twice, and one that is skipped has none.
   */
  boolean everyHour() {
    return hours.cardinality() == 24;
  }

  /** The first local time that matches, from this one on; null when there is none. */
  @Nullable LocalDateTime nextOrSame(LocalDateTime from) {
    LocalDateTime time = from.truncatedTo(ChronoUnit.SECONDS);
    if (time.isBefore(from)) {
      time = time.plusSeconds(1);
    }
    int lastYear = time.getYear() + YEARS;
    while (time.getYear() <= lastYear) {
      if (!months.get(time.getMonthValue())) {
        time = time.withDayOfMonth(1).truncatedTo(ChronoUnit.DAYS).plusMonths(1);
      } else if (!day(time)) {
        time = time.truncatedTo(ChronoUnit.DAYS).plusDays(1);
      } else if (!hours.get(time.getHour())) {
        time = time.truncatedTo(ChronoUnit.HOURS).plusHours(1);
      } else if (!minutes.get(time.getMinute())) {
        time = time.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
      } else if (!seconds.get(time.getSecond())) {
        time = time.plusSeconds(1);
      } else {
        return time;
      }
    }
    return null;
  }

  private boolean day(LocalDateTime time) {
    boolean ofMonth = daysOfMonth.get(time.getDayOfMonth());
    boolean ofWeek = daysOfWeek.get(time.getDayOfWeek().getValue() % 7);
    return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
  }
}
