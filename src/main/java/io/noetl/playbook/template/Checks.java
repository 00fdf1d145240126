package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tests that {@code is} knows. */
final class Checks {
  /** One of them. */
  interface Check {
    boolean test(Evaluation evaluation, @Nullable Object value, Arguments arguments);
  }

  private Checks() {}

  static @Nullable Check find(String name) {
    return switch (name) {
      case "defined" -> (_, value, _) -> value != UNDEFINED;
      case "undefined" -> (_, value, _) -> value == UNDEFINED;
      case "none", "null", "None" -> (_, value, _) -> Values.isMissing(Values.plain(value));
      case "string" -> (_, value, _) -> Values.plain(value) instanceof String;
      case "number" -> (_, value, _) -> Values.plain(value) instanceof Number;
      case "integer" ->
          (_, value, _) ->
              Values.plain(value) instanceof Number number && Comparison.isInteger(number);
      case "float" ->
          (_, value, _) ->
              Values.plain(value) instanceof Number number && !Comparison.isInteger(number);
      case "boolean" -> (_, value, _) -> Values.plain(value) instanceof Boolean;
      case "true", "True" -> (_, value, _) -> Boolean.TRUE.equals(Values.plain(value));
      case "false", "False" -> (_, value, _) -> Boolean.FALSE.equals(Values.plain(value));
      case "list" -> (_, value, _) -> Values.plain(value) instanceof List<?>;
      case "mapping", "dict" -> (_, value, _) -> Values.plain(value) instanceof Map<?, ?>;
      case "sequence", "iterable" ->
          (_, value, _) -> {
            Object plain = Values.plain(value);
            return plain instanceof String
                || plain instanceof List<?>
                || plain instanceof Map<?, ?>;
          };
      case "divisibleby" -> Checks::divisible;
      case "even" -> (_, value, _) -> rest(value, 2) == 0;
      case "odd" -> (_, value, _) -> rest(value, 2) == 1;
      case "eq", "equalto", "==" -> compared("==");
      case "ne", "!=" -> compared("!=");
      case "lt", "lessthan", "<" -> compared("<");
      case "le", "<=" -> compared("<=");
      case "gt", "greaterthan", ">" -> compared(">");
      case "ge", ">=" -> compared(">=");
      case "in" ->
          (evaluation, value, arguments) ->
              Comparison.contains(evaluation, value, arguments.at(0, "seq"));
      case "sameas" -> Checks::same;
      case "startswith" ->
          (evaluation, value, arguments) ->
              Values.plain(value) instanceof String text
                  && text.startsWith(arguments.text(evaluation, 0, "prefix", ""));
      default -> null;
    };
  }

  private static Check compared(String operator) {
    return (evaluation, value, arguments) ->
        Operation.Compare.holds(evaluation, operator, value, arguments.at(0, "other"));
  }

  private static boolean divisible(
      Evaluation evaluation, @Nullable Object value, Arguments arguments) {
    long by = arguments.integer(0, "num", 0);
    if (by == 0) {
      throw new TemplateException("Expected divisibleby to get an integer other than 0");
    }
    return rest(value, by) == 0;
  }

  /** The remainder of an integer; -1 for anything else. */
  private static long rest(@Nullable Object value, long by) {
    return Values.plain(value) instanceof Number number && Comparison.isInteger(number)
        ? Arithmetic.big(number).mod(java.math.BigInteger.valueOf(by).abs()).longValue()
        : -1;
  }

  /** JSON values have no identity: the same is what has the same type and value. */
  private static boolean same(Evaluation evaluation, @Nullable Object value, Arguments arguments) {
    Object a = Values.plain(value);
    Object b = Values.plain(arguments.at(0, "other"));
    if (a == null || b == null || a == UNDEFINED || b == UNDEFINED) {
      return a == b;
    }
    return Values.typeName(a).equals(Values.typeName(b))
        && !(a instanceof Number x
            && b instanceof Number y
            && Comparison.isFloat(x) != Comparison.isFloat(y))
        && Comparison.equal(evaluation, a, b);
  }
}
