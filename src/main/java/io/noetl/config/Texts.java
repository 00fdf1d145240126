package io.noetl.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How values are written: times as {@code 500ms, 30s, 5m, 2h, 1d}, sizes as {@code 64KiB}. */
final class Texts {
  static final String DURATION_FORM = "a time such as 500ms, 30s, 5m, 2h or 1d";
  static final String BYTES_FORM = "a size such as 1048576, 64KiB, 4MiB or 1GiB";

  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,15})\\s*([A-Za-z]*)");
  private static final Map<String, Duration> TIMES =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));
  private static final Map<String, Long> SIZES =
      Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

  private static final Path HOME = Path.of(System.getProperty("user.home", "."));

  private Texts() {}

  static @Nullable Duration parseDuration(String text) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
    if (!matcher.matches()) {
      return null;
    }
    Duration unit = TIMES.get(matcher.group(2));
    try {
      return unit == null ? null : unit.multipliedBy(Long.parseLong(matcher.group(1)));
    } catch (ArithmeticException e) {
      // So many days that no clock counts them: as wrong as a word.
      return null;
    }
  }

  static @Nullable Long parseBytes(String text) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
    if (!matcher.matches()) {
      return null;
    }
    Long unit = SIZES.get(matcher.group(2));
    try {
      return unit == null ? null : Math.multiplyExact(unit, Long.parseLong(matcher.group(1)));
    } catch (ArithmeticException e) {
      return null;
    }
  }

  static String duration(Duration value) {
    long millis = value.toMillis();
    if (millis == 0 || millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  static String bytes(long value) {
    if (value > 0 && value % (1L << 30) == 0) {
      return (value >> 30) + "GiB";
    }
    if (value > 0 && value % (1L << 20) == 0) {
      return (value >> 20) + "MiB";
    }
    return value > 0 && value % (1L << 10) == 0 ? (value >> 10) + "KiB" : Long.toString(value);
  }

  /** A path; {@code ~/} is the home folder of the user. */
  static Path path(String text) {
    return text.startsWith("~/") ? HOME.resolve(text.substring(2)) : Path.of(text);
  }

  /** As one writes it, and the same for every user. */
  static String path(Path value) {
    return value.startsWith(HOME) && !value.equals(HOME)
        ? "~/" + HOME.relativize(value)
        : value.toString();
  }

  /** A URL without the password in it. */
  static String withoutUserInfo(String text) {
    return text.replaceAll("://[^/@\\s,]+@", "://" + Secret.MASK + "@");
  }

  /** The known name that is nearest to a mistyped one, or null when none is near. */
  static @Nullable String nearest(String name, Iterable<String> known) {
    TreeMap<Integer, String> byDistance = new TreeMap<>();
    for (String candidate : known) {
      byDistance.putIfAbsent(distance(name, candidate), candidate);
    }
    var best = byDistance.firstEntry();
    return best == null || best.getKey() > Math.max(2, name.length() / 3) ? null : best.getValue();
  }

  /** Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[b.length()];
  }
}
