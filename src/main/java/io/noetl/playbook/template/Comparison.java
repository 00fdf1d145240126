package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Equality, order and membership, as section "Expressions" of the language has them. */
final class Comparison {
  /** Nesting of compared values; values that hold themselves would go on for ever. */
  private static final int MAX_DEPTH = 500;

  private Comparison() {}

  static boolean equal(Evaluation evaluation, @Nullable Object left, @Nullable Object right) {
    return equal(evaluation, left, right, 0);
  }

  private static boolean equal(
      Evaluation evaluation, @Nullable Object left, @Nullable Object right, int depth) {
    evaluation.step();
    if (depth > MAX_DEPTH) {
      throw new TemplateException(
          "Expected compared values to be nested at most " + MAX_DEPTH + " deep, but they are not");
    }
    if (left instanceof StatusToken token && right instanceof String text) {
      return token.matches(text);
    }
    if (right instanceof StatusToken token && left instanceof String text) {
      return token.matches(text);
    }
    Object a = evaluation.read(Values.plain(left));
    Object b = evaluation.read(Values.plain(right));
    if (a == null || a == b || Values.isMissing(a) || Values.isMissing(b)) {
      return Values.isMissing(a) == Values.isMissing(b)
          && (!(a instanceof Double number) || !number.isNaN());
    }
    return switch (a) {
      case String text -> b instanceof String other && text.equals(other);
      case List<?> list -> b instanceof List<?> other && lists(evaluation, list, other, depth);
      case Map<?, ?> map -> b instanceof Map<?, ?> other && maps(evaluation, map, other, depth);
      default -> {
        Number x = number(a);
        Number y = number(b);
        yield x == null || y == null ? a.equals(b) : numbers(x, y) == 0;
      }
    };
  }

  private static boolean lists(Evaluation evaluation, List<?> a, List<?> b, int depth) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!equal(evaluation, a.get(i), b.get(i), depth + 1)) {
        return false;
      }
    }
    return true;
  }

  private static boolean maps(Evaluation evaluation, Map<?, ?> a, Map<?, ?> b, int depth) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Map.Entry<?, ?> entry : a.entrySet()) {
      if (!b.containsKey(entry.getKey())
          || !equal(evaluation, entry.getValue(), b.get(entry.getKey()), depth + 1)) {
        return false;
      }
    }
    return true;
  }

  /** The number that a value is in arithmetic (a boolean is 0 or 1), or null. */
  static @Nullable Number number(@Nullable Object value) {
    return switch (value) {
      case Number number -> number;
      case Boolean flag -> flag ? 1L : 0L;
      case null, default -> null;
    };
  }

  static final int UNORDERED = Integer.MIN_VALUE;

  /** Negative, zero or positive; {@link #UNORDERED} when the two have no order. */
  static int order(Evaluation evaluation, @Nullable Object left, @Nullable Object right) {
    return order(evaluation, left, right, 0);
  }

  private static int order(
      Evaluation evaluation, @Nullable Object left, @Nullable Object right, int depth) {
    evaluation.step();
    if (depth > MAX_DEPTH) {
      return UNORDERED;
    }
    Object a = evaluation.read(Values.plain(left));
    Object b = evaluation.read(Values.plain(right));
    if (a instanceof String x && b instanceof String y) {
      return Texts.compare(x, y);
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
        if (!equal(evaluation, x.get(i), y.get(i), depth + 1)) {
          return order(evaluation, x.get(i), y.get(i), depth + 1);
        }
      }
      return Integer.compare(x.size(), y.size());
    }
    Number x = number(a);
    Number y = number(b);
    return x == null || y == null ? UNORDERED : numbers(x, y);
  }

  /** Exact comparison of any two numbers; not-a-number has no order. */
  static int numbers(Number a, Number b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    double x = a.doubleValue();
    double y = b.doubleValue();
    if (Double.isNaN(x) || Double.isNaN(y)) {
      return UNORDERED;
    }
    boolean infinite = isFloat(a) && Double.isInfinite(x) || isFloat(b) && Double.isInfinite(y);
    if (isFloat(a) && isFloat(b) || infinite) {
      return x < y ? -1 : x > y ? 1 : 0;
    }
    return exact(a).compareTo(exact(b));
  }

  static boolean isFloat(Number number) {
    return number instanceof Double || number instanceof Float;
  }

  static boolean isInteger(Number number) {
    return number instanceof Long
        || number instanceof Integer
        || number instanceof BigInteger
        || number instanceof Short
        || number instanceof Byte;
  }

  private static BigDecimal exact(Number number) {
    return switch (number) {
      case BigDecimal decimal -> decimal;
      case BigInteger integer -> new BigDecimal(integer);
      case Double real -> new BigDecimal(real);
      case Float real -> new BigDecimal(real);
      default -> BigDecimal.valueOf(number.longValue());
    };
  }

  /**
   * A total order for sorting: by family (nothing, numbers, texts, lists, the rest), within a
   * family by {@link #order}, so that mixed lists sort instead of failing.
   */
  static int sorting(Evaluation evaluation, @Nullable Object left, @Nullable Object right) {
    int a = family(left);
    int b = family(right);
    if (a != b) {
      return Integer.compare(a, b);
    }
    if (a == 1 && number(Values.plain(left)) instanceof Number x) {
      Number y = number(Values.plain(right));
      if (y != null && (Double.isNaN(x.doubleValue()) || Double.isNaN(y.doubleValue()))) {
        return Double.compare(x.doubleValue(), y.doubleValue());
      }
    }
    int order = order(evaluation, left, right);
    return order == UNORDERED ? 0 : order;
  }

  private static int family(@Nullable Object value) {
    Object plain = Values.plain(value);
    return switch (plain) {
      case null -> 0;
      case Number _, Boolean _ -> 1;
      case String _ -> 2;
      case List<?> _ -> 3;
      default -> plain == UNDEFINED ? 0 : 4;
    };
  }

  /** {@code needle in haystack}. Anything that holds nothing is a plain no. */
  static boolean contains(
      Evaluation evaluation, @Nullable Object needle, @Nullable Object haystack) {
    Object source = haystack instanceof TemplateObject object ? object.items() : haystack;
    return switch (source) {
      case null -> false;
      case String text ->
          Values.plain(needle) instanceof String part
              && Texts.indexOf(evaluation, text, part, 0) >= 0;
      case Map<?, ?> map -> Values.plain(needle) instanceof String key && map.containsKey(key);
      case List<?> list -> {
        for (Object item : list) {
          if (equal(evaluation, item, needle)) {
            yield true;
          }
        }
        yield false;
      }
      default -> false;
    };
  }
}
