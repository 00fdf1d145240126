package io.noetl.envelope;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Ids on the wire: strings in replies, strings or integers in requests, never through a double. */
public final class Ids {
  /** Most digits of an id. */
  public static final int MAX_DIGITS = 19;

  private Ids() {}

  /** The wire form. */
  public static String text(long id) {
    return Long.toString(id);
  }

  /**
   * @param value a string of digits or an integer, as it came out of JSON
   * @param name the member that it stood in, for the message
   * @throws BadIdException when it is anything else: a fraction, an exponent, a negative, too long
   */
  public static long parse(@Nullable Object value, String name) {
    String digits =
        switch (value) {
          case Long n when n >= 0 -> Long.toString(n);
          case Integer n when n >= 0 -> Integer.toString(n);
          case BigInteger n when n.signum() >= 0 -> n.toString();
          case String s -> s;
          case BigDecimal n -> n.toString();
          case null, default ->
              throw new BadIdException(
                  "Expected " + name + " to be an id (a string of digits), but got " + value);
        };
    if (digits.isEmpty() || digits.length() > MAX_DIGITS || !digits.chars().allMatch(Ids::digit)) {
      throw new BadIdException(
          "Expected "
              + name
              + " to be an id of 1 to "
              + MAX_DIGITS
              + " digits, but got '"
              + abbreviated(digits)
              + "'");
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new BadIdException(
          "Expected " + name + " to be an id below 2^63, but got '" + digits + "'");
    }
  }

  private static boolean digit(int c) {
    return c >= '0' && c <= '9';
  }

  private static String abbreviated(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  /** An id that cannot be read; the message is for the caller. */
  public static final class BadIdException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BadIdException(String message) {
      super(message);
    }
  }
}
