package io.noetl.playbook;

import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Types of plain (unquoted) scalars: the core schema of YAML 1.2, narrowed to what JSON can carry.
 *
 * <ul>
 *   <li>{@code null Null NULL ~} and nothing are null; {@code true True TRUE false False FALSE} are
 *       bools; {@code yes no on off y n} are text.
 *   <li>{@code 12 -3 +4 0x1F 0o17} are integers ({@link Long}, beyond it {@link BigInteger}).
 *       Digits with a leading zero ({@code 007}), with underscores or colons, and integers of more
 *       than {@value #MAX_DIGITS} digits are text: such values are mostly identifiers.
 *   <li>{@code 1.5 .5 1e3} are {@link Double}; one beyond its range is text.
 *   <li>{@code .inf .nan} and timestamps are text, because JSON has no such value.
 * </ul>
 */
final class YamlScalars {
  /** Longest number that is read as a number. */
  static final int MAX_DIGITS = 1000;

  private static final Pattern DECIMAL = Pattern.compile("[-+]?(0|[1-9][0-9]*)");
  private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]+");
  private static final Pattern OCTAL = Pattern.compile("0o[0-7]+");
  private static final Pattern LEADING_ZERO = Pattern.compile("[-+]?0[0-9]+");
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

  private static final String TAG = "tag:yaml.org,2002:";

  private YamlScalars() {}

  /** The value of a plain scalar without a tag. */
  static @Nullable Object plain(String text) {
    if (text.length() > MAX_DIGITS) {
      return text;
    }
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> null;
      case "true", "True", "TRUE" -> true;
      case "false", "False", "FALSE" -> false;
      default -> {
        char first = text.charAt(0);
        boolean number = first == '-' || first == '+' || first == '.' || isDigit(first);
        yield number ? number(text) : text;
      }
    };
  }

  /**
   * The value of a scalar with a standard tag; a text that the tag does not fit stays text.
   *
   * @return null also when the value is null; see {@link #known} for tags outside the standard
   */
  static @Nullable Object tagged(String tag, String text) {
    if (!tag.startsWith(TAG)) {
      return tag.equals("!") ? text : plain(text);
    }
    return switch (tag.substring(TAG.length())) {
      case "int" -> plain(text) instanceof Number n && !(n instanceof Double) ? n : text;
      case "float" -> plain(text) instanceof Number n ? (Object) n.doubleValue() : text;
      case "bool" -> plain(text) instanceof Boolean b ? b : text;
      case "null" -> null;
      default -> text;
    };
  }

  /** Whether the tag is one whose meaning a JSON value can carry. */
  static boolean known(String tag) {
    if (!tag.startsWith(TAG)) {
      return tag.equals("!");
    }
    return switch (tag.substring(TAG.length())) {
      case "str", "int", "float", "bool", "null", "map", "seq", "binary", "timestamp" -> true;
      default -> false;
    };
  }

  /** Whether a plain text looks like a number but was kept as text because of its leading zero. */
  static boolean isLeadingZero(String text) {
    return text.length() <= MAX_DIGITS && LEADING_ZERO.matcher(text).matches();
  }

  private static Object number(String text) {
    if (DECIMAL.matcher(text).matches()) {
      return integer(text.startsWith("+") ? text.substring(1) : text, 10);
    }
    if (HEX.matcher(text).matches()) {
      return integer(text.substring(2), 16);
    }
    if (OCTAL.matcher(text).matches()) {
      return integer(text.substring(2), 8);
    }
    if (!LEADING_ZERO.matcher(text).matches() && FLOAT.matcher(text).matches()) {
      double value = Double.parseDouble(text);
      return Double.isFinite(value) ? (Object) value : text;
    }
    return text;
  }

  private static Object integer(String digits, int radix) {
    BigInteger value = new BigInteger(digits, radix);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
