package io.noetl.playbook.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operations on text that count characters (code points) and never take more than linear time. */
final class Texts {
  /** From this product of lengths on, searching builds a table first, so that it stays linear. */
  private static final long NAIVE_SEARCH = 1_000_000;

  private Texts() {}

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Order by code points, which differs from Java's for characters outside the basic plane. */
  static int compare(String a, String b) {
    int end = Math.min(a.length(), b.length());
    for (int i = 0; i < end; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean high = Character.isSurrogate(x);
        return high == Character.isSurrogate(y) ? Character.compare(x, y) : high ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** As {@link String#indexOf(String, int)}, linear even for hostile texts. */
  static int indexOf(Evaluation evaluation, String text, String part, int from) {
    if ((long) text.length() * part.length() < NAIVE_SEARCH || part.length() < 2) {
      return text.indexOf(part, from);
    }
    evaluation.charge(part.length());
    return search(text, part, from, table(part));
  }

  private static int[] table(String part) {
    int[] table = new int[part.length()];
    int k = 0;
    for (int i = 1; i < part.length(); i++) {
      while (k > 0 && part.charAt(i) != part.charAt(k)) {
        k = table[k - 1];
      }
      if (part.charAt(i) == part.charAt(k)) {
        k++;
      }
      table[i] = k;
    }
    return table;
  }

  private static int search(String text, String part, int from, int[] table) {
    int k = 0;
    for (int i = from; i < text.length(); i++) {
      while (k > 0 && text.charAt(i) != part.charAt(k)) {
        k = table[k - 1];
      }
      if (text.charAt(i) == part.charAt(k)) {
        k++;
      }
      if (k == part.length()) {
        return i - k + 1;
      }
    }
    return -1;
  }

  /** Where a part that is not empty occurs, without overlaps, at most {@code max} times. */
  private static List<Integer> occurrences(
      Evaluation evaluation, String text, String part, long max) {
    List<Integer> found = new ArrayList<>();
    boolean naive = (long) text.length() * part.length() < NAIVE_SEARCH || part.length() < 2;
    int[] table = naive ? null : table(part);
    int at = 0;
    while (found.size() < max) {
      at = table == null ? text.indexOf(part, at) : search(text, part, at, table);
      if (at < 0) {
        break;
      }
      evaluation.charge(16);
      found.add(at);
      at += part.length();
    }
    return found;
  }

  static int count(Evaluation evaluation, String text, String part) {
    return part.isEmpty()
        ? length(text) + 1
        : occurrences(evaluation, text, part, Long.MAX_VALUE).size();
  }

  /** As Python's {@code str.replace}: an empty {@code old} matches between all characters. */
  static String replace(Evaluation evaluation, String text, String old, String with, long max) {
    long limit = max < 0 ? Long.MAX_VALUE : max;
    Output out = new Output(evaluation);
    if (old.isEmpty()) {
      int at = 0;
      for (long n = 0; n < limit && at <= text.length(); n++) {
        out.append(with);
        int next = at < text.length() ? text.offsetByCodePoints(at, 1) : at + 1;
        out.append(text.substring(at, Math.min(next, text.length())));
        at = next;
      }
      return out.append(text.substring(Math.min(at, text.length()))).text();
    }
    int at = 0;
    for (int found : occurrences(evaluation, text, old, limit)) {
      out.append(text, at, found).append(with);
      at = found + old.length();
    }
    return at == 0 ? text : out.append(text, at, text.length()).text();
  }

  /** As Python's {@code str.split}; null separator = runs of blanks; negative max = no bound. */
  static List<@Nullable Object> split(
      Evaluation evaluation, String text, @Nullable String separator, long max) {
    long limit = max < 0 ? Long.MAX_VALUE : max;
    List<@Nullable Object> parts = new ArrayList<>();
    if (separator != null) {
      int at = 0;
      for (int found : occurrences(evaluation, text, separator, limit)) {
        parts.add(text.substring(at, found));
        at = found + separator.length();
      }
      parts.add(text.substring(at));
    } else {
      splitBlanks(text, limit, parts);
    }
    evaluation.charge(text.length() + 40L * parts.size());
    return parts;
  }

  private static void splitBlanks(String text, long limit, List<@Nullable Object> parts) {
    int at = 0;
    while (true) {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        return;
      }
      if (parts.size() == limit) {
        parts.add(text.substring(at).stripTrailing());
        return;
      }
      int end = at;
      while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
        end++;
      }
      parts.add(text.substring(at, end));
      at = end;
    }
  }

  static String repeat(Evaluation evaluation, String text, long times) {
    if (times <= 0 || text.isEmpty()) {
      return "";
    }
    long length = times > Integer.MAX_VALUE ? Long.MAX_VALUE : text.length() * times;
    evaluation.limitOutput(length);
    evaluation.charge(length);
    return text.repeat((int) times);
  }

  static String reverse(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return upper(text.substring(0, first)) + lower(text.substring(first));
  }

  static String upper(String text) {
    return text.toUpperCase(java.util.Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(java.util.Locale.ROOT);
  }

  /** Every word begins with a capital, the rest of it is small. */
  static String title(String text) {
    StringBuilder out = new StringBuilder(text.length());
    boolean start = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(start ? Character.toTitleCase(c) : Character.toLowerCase(c));
      start = Character.isWhitespace(c) || "-([{<".indexOf(c) >= 0;
    }
    return out.toString();
  }

  /** As Python's {@code strip}: null = blanks, else any of the given characters. */
  static String strip(String text, @Nullable String characters, boolean left, boolean right) {
    int start = 0;
    int end = text.length();
    while (left && start < end && stripped(text.charAt(start), characters)) {
      start++;
    }
    while (right && end > start && stripped(text.charAt(end - 1), characters)) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean stripped(char c, @Nullable String characters) {
    return characters == null ? Character.isWhitespace(c) : characters.indexOf(c) >= 0;
  }
}
