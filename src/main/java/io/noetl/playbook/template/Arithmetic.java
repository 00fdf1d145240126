package io.noetl.playbook.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic operators. Integers stay integers and grow beyond 64 bits where they must; a float
 * on either side makes a float; a boolean counts as 0 or 1.
 */
final class Arithmetic {
  private Arithmetic() {}

  static Object apply(
      Evaluation evaluation, String operator, @Nullable Object left, @Nullable Object right) {
    Object a = Values.plain(left);
    Object b = Values.plain(right);
    return switch (operator) {
      case "+" -> add(evaluation, a, b);
      case "-" -> subtract(evaluation, number(operator, a, b, a), number(operator, a, b, b));
      case "*" -> multiply(evaluation, a, b);
      case "/" -> divide(number(operator, a, b, a), number(operator, a, b, b));
      case "//" -> floorDivide(number(operator, a, b, a), number(operator, a, b, b));
      case "%" -> modulo(number(operator, a, b, a), number(operator, a, b, b));
      case "**" -> power(evaluation, number(operator, a, b, a), number(operator, a, b, b));
      default -> throw new IllegalStateException("not an arithmetic operator: " + operator);
    };
  }

  static Object add(Evaluation evaluation, @Nullable Object a, @Nullable Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      long sum = x + y;
      return ((x ^ sum) & (y ^ sum)) < 0 ? big(x).add(big(y)) : (Object) sum;
    }
    if (a instanceof String x && b instanceof String y) {
      evaluation.limitOutput((long) x.length() + y.length());
      evaluation.charge((long) x.length() + y.length());
      return x.concat(y);
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      evaluation.charge(16L * (x.size() + (long) y.size()));
      Items sum = new Items(x);
      sum.addAll(y);
      return sum;
    }
    Number x = Comparison.number(a);
    Number y = Comparison.number(b);
    if (x == null || y == null) {
      throw new TemplateException(
          "Expected '+' to get two numbers, two texts or two lists, but got "
              + Values.typeName(a)
              + " and "
              + Values.typeName(b));
    }
    return integers(x, y)
        ? shortest(evaluation, big(x).add(big(y)))
        : (Object) (x.doubleValue() + y.doubleValue());
  }

  private static Object subtract(Evaluation evaluation, Number x, Number y) {
    if (x instanceof Long a && y instanceof Long b) {
      long difference = a - b;
      return ((a ^ b) & (a ^ difference)) < 0 ? big(a).subtract(big(b)) : (Object) difference;
    }
    return integers(x, y)
        ? shortest(evaluation, big(x).subtract(big(y)))
        : (Object) (x.doubleValue() - y.doubleValue());
  }

  private static Object multiply(Evaluation evaluation, @Nullable Object a, @Nullable Object b) {
    if (b instanceof String || b instanceof List<?>) {
      return repeat(evaluation, b, a);
    }
    if (a instanceof String || a instanceof List<?>) {
      return repeat(evaluation, a, b);
    }
    Number x = number("*", a, b, a);
    Number y = number("*", a, b, b);
    if (!integers(x, y)) {
      return x.doubleValue() * y.doubleValue();
    }
    limitBits(evaluation, (long) big(x).bitLength() + big(y).bitLength());
    return shortest(evaluation, big(x).multiply(big(y)));
  }

  private static Object repeat(Evaluation evaluation, Object value, @Nullable Object times) {
    Number n = Comparison.number(times);
    if (n == null || !Comparison.isInteger(n)) {
      throw new TemplateException(
          "Expected '*' to get two numbers, or a text or list and an integer, but got "
              + Values.typeName(value)
              + " and "
              + Values.typeName(times));
    }
    long count =
        n instanceof BigInteger big ? (big.signum() < 0 ? 0 : Long.MAX_VALUE) : n.longValue();
    if (value instanceof String text) {
      return Texts.repeat(evaluation, text, count);
    }
    List<?> list = (List<?>) value;
    int max = evaluation.limits().maxRange();
    if (count > 0 && !list.isEmpty() && (count > max || count * list.size() > max)) {
      throw new TemplateException(
          "Expected a repeated list to have at most template.max-range ("
              + max
              + ") items, but it has more");
    }
    Items items = new Items();
    for (long i = 0; i < count && !list.isEmpty(); i++) {
      evaluation.charge(16L * list.size());
      items.addAll(list);
    }
    return items;
  }

  private static Object divide(Number x, Number y) {
    zero("/", y);
    if (integers(x, y) && (x instanceof BigInteger || y instanceof BigInteger)) {
      return new BigDecimal(big(x))
          .divide(new BigDecimal(big(y)), java.math.MathContext.DECIMAL128)
          .doubleValue();
    }
    return x.doubleValue() / y.doubleValue();
  }

  private static Object floorDivide(Number x, Number y) {
    zero("//", y);
    if (!integers(x, y)) {
      return Math.floor(x.doubleValue() / y.doubleValue());
    }
    BigInteger[] parts = big(x).divideAndRemainder(big(y));
    boolean down = parts[1].signum() != 0 && parts[1].signum() != big(y).signum();
    return shortest(down ? parts[0].subtract(BigInteger.ONE) : parts[0]);
  }

  private static Object modulo(Number x, Number y) {
    zero("%", y);
    if (x instanceof Long a && y instanceof Long b) {
      return Math.floorMod(a, b);
    }
    if (!integers(x, y)) {
      double rest = x.doubleValue() % y.doubleValue();
      return rest != 0 && (rest < 0) != (y.doubleValue() < 0) ? rest + y.doubleValue() : rest;
    }
    BigInteger rest = big(x).remainder(big(y));
    return shortest(
        rest.signum() != 0 && rest.signum() != big(y).signum() ? rest.add(big(y)) : rest);
  }

  private static Object power(Evaluation evaluation, Number x, Number y) {
    if (integers(x, y) && big(y).signum() >= 0) {
      BigInteger base = big(x);
      if (base.bitLength() <= 1 && base.abs().compareTo(BigInteger.ONE) <= 0) {
        boolean even = !big(y).testBit(0);
        return shortest(big(y).signum() == 0 || even && base.signum() < 0 ? BigInteger.ONE : base);
      }
      limitBits(
          evaluation,
          big(y).bitLength() > 31 ? Long.MAX_VALUE : y.longValue() * (base.bitLength() - 1));
      return shortest(evaluation, base.pow(y.intValue()));
    }
    if (x.doubleValue() == 0 && y.doubleValue() < 0) {
      throw new TemplateException(
          "Expected '**' not to divide by zero, but it raises 0 to a negative power");
    }
    return Math.pow(x.doubleValue(), y.doubleValue());
  }

  static Object negate(Evaluation evaluation, @Nullable Object value) {
    Number x = Comparison.number(Values.plain(value));
    if (x == null) {
      throw new TemplateException(
          "Expected '-' to get a number, but got " + Values.typeName(value));
    }
    return Comparison.isInteger(x)
        ? shortest(evaluation, big(x).negate())
        : (Object) (-x.doubleValue());
  }

  static Object positive(@Nullable Object value) {
    Number x = Comparison.number(Values.plain(value));
    if (x == null) {
      throw new TemplateException(
          "Expected '+' to get a number, but got " + Values.typeName(value));
    }
    return x;
  }

  private static void zero(String operator, Number divisor) {
    if (divisor.doubleValue() == 0) {
      throw new TemplateException("Expected '" + operator + "' not to divide by zero, but it does");
    }
  }

  private static boolean integers(Number x, Number y) {
    return Comparison.isInteger(x) && Comparison.isInteger(y);
  }

  static BigInteger big(Number number) {
    return number instanceof BigInteger big ? big : BigInteger.valueOf(number.longValue());
  }

  private static Object shortest(Evaluation evaluation, BigInteger value) {
    limitBits(evaluation, value.bitLength());
    return shortest(value);
  }

  /** A 64-bit integer where the value fits one. */
  static Number shortest(BigInteger value) {
    return value.bitLength() < 64 ? (Number) value.longValue() : value;
  }

  private static void limitBits(Evaluation evaluation, long bits) {
    int max = evaluation.limits().maxDigits();
    // A decimal digit is 3.32 bits; 64-bit integers are always allowed.
    if (bits > 64 && bits / 3.32 > max) {
      throw new TemplateException(
          "Expected integers of at most template.max-digits ("
              + max
              + ") digits, but the template makes a longer one");
    }
  }

  private static Number number(
      String operator, @Nullable Object a, @Nullable Object b, @Nullable Object value) {
    Number number = Comparison.number(value);
    if (number == null) {
      throw new TemplateException(
          "Expected '"
              + operator
              + "' to get two numbers, but got "
              + Values.typeName(a)
              + " and "
              + Values.typeName(b));
    }
    return number;
  }
}
