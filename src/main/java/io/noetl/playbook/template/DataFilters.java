package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import io.noetl.json.Json;
import io.noetl.json.JsonException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters between types: defaults, numbers, JSON, members. */
final class DataFilters {
  /** Longer texts are no numbers; reading one takes more than linear time. */
  private static final int LONGEST_NUMBER = 1_000;

  private DataFilters() {}

  /** The filter of that name, or null when it is not one of these. */
  static Filters.@Nullable Definition find(String name) {
    return switch (name) {
      case "default", "d" ->
          Filters.seeingUndefined("default_value boolean", DataFilters::otherwise);
      case "int" -> Filters.seeingUndefined("default", DataFilters::integer);
      case "float" -> Filters.seeingUndefined("default", DataFilters::real);
      case "string" ->
          Filters.seeingUndefined("", (evaluation, input, _) -> TextForm.of(evaluation, input));
      case "bool" -> Filters.seeingUndefined("", (_, input, _) -> Values.truth(input));
      case "length", "len", "count" ->
          Filters.seeingUndefined("", (_, input, _) -> Values.length(input));
      case "tojson", "to_json", "tojson_safe" ->
          Filters.seeingUndefined("indent", DataFilters::toJson);
      case "fromjson", "from_json" -> Filters.definition("", DataFilters::fromJson);
      case "abs" -> Filters.definition("", DataFilters::absolute);
      case "round" -> Filters.definition("precision method", DataFilters::round);
      case "get" -> Filters.definition("key default", DataFilters::get);
      default -> null;
    };
  }

  private static @Nullable Object otherwise(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    boolean replace =
        Values.isMissing(input) || arguments.flag(1, "boolean", false) && !Values.truth(input);
    if (!replace) {
      return input;
    }
    return arguments.has(0, "default_value") ? arguments.at(0, "default_value") : "";
  }

  private static @Nullable Object integer(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Object plain = Values.plain(input);
    Object otherwise = arguments.has(0, "default") ? arguments.at(0, "default") : Long.valueOf(0);
    return switch (plain) {
      case Boolean flag -> flag ? 1L : 0L;
      case Number number when Comparison.isInteger(number) -> number;
      case Number number -> truncated(number.doubleValue(), otherwise);
      case String text -> {
        String trimmed = text.strip();
        if (trimmed.length() > LONGEST_NUMBER) {
          yield otherwise;
        }
        if (isInteger(trimmed)) {
          yield Arithmetic.shortest(new BigInteger(trimmed));
        }
        Double real = parse(trimmed);
        yield real == null ? otherwise : truncated(real, otherwise);
      }
      case null, default -> otherwise;
    };
  }

  private static @Nullable Object truncated(double value, @Nullable Object otherwise) {
    return Double.isFinite(value)
        ? Arithmetic.shortest(new BigDecimal(value).toBigInteger())
        : otherwise;
  }

  private static boolean isInteger(String text) {
    int start = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
    if (start == text.length()) {
      return false;
    }
    for (int i = start; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Object real(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Object plain = Values.plain(input);
    Object otherwise = arguments.has(0, "default") ? arguments.at(0, "default") : Double.valueOf(0);
    return switch (plain) {
      case Boolean flag -> flag ? 1.0 : 0.0;
      case Number number -> number.doubleValue();
      case String text -> {
        Double real = text.length() > LONGEST_NUMBER ? null : parse(text.strip());
        yield real == null ? otherwise : real;
      }
      case null, default -> otherwise;
    };
  }

  /** The number that a text is, or null. Java's own suffixes and hexadecimal are no numbers. */
  private static @Nullable Double parse(String text) {
    if (text.isEmpty()) {
      return null;
    }
    for (int i = 0; i < text.length(); i++) {
      if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
        return null;
      }
    }
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      return null; // the language asks for the default then
    }
  }

  private static Object toJson(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    long indent = arguments.integer(0, "indent", -1);
    return indent < 0
        ? TextForm.json(evaluation, input)
        : TextForm.json(evaluation, input, (int) Math.min(indent, 16));
  }

  private static @Nullable Object fromJson(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Object plain = Values.plain(input);
    if (!(plain instanceof String text)) {
      return plain;
    }
    evaluation.charge(2L * text.length());
    try {
      return Json.parse(text);
    } catch (JsonException e) {
      return null; // the language says: invalid text is none
    }
  }

  private static Object absolute(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Number number = number("abs", input);
    if (Comparison.isInteger(number)) {
      return Arithmetic.shortest(Arithmetic.big(number).abs());
    }
    return Math.abs(number.doubleValue());
  }

  private static Object round(Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Number number = number("round", input);
    int precision = Math.clamp(arguments.integer(0, "precision", 0), -400, 400);
    String method = arguments.text(evaluation, 1, "method", "common");
    RoundingMode mode =
        switch (method) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default ->
              throw new TemplateException(
                  "Expected the method of round to be common, ceil or floor, but it is '"
                      + Templates.excerpt(method)
                      + "'");
        };
    if (Comparison.isInteger(number) && method.equals("common")) {
      return precision >= 0
          ? number
          : Arithmetic.shortest(
              new BigDecimal(Arithmetic.big(number)).setScale(precision, mode).toBigInteger());
    }
    double value = number.doubleValue();
    if (!Double.isFinite(value)) {
      return value;
    }
    return new BigDecimal(value).setScale(precision, mode).doubleValue();
  }

  static Number number(String filter, @Nullable Object input) {
    Number number = Comparison.number(Values.plain(input));
    if (number == null) {
      throw new TemplateException(
          "Expected " + filter + " to get a number, but got " + Values.typeName(input));
    }
    return number;
  }

  private static @Nullable Object get(
      Evaluation evaluation, @Nullable Object input, Arguments arguments) {
    Object plain = Values.plain(input);
    Object found =
        plain instanceof Map<?, ?> || plain instanceof List<?>
            ? Access.subscript(evaluation, plain, arguments.at(0, "key"))
            : UNDEFINED;
    return found == UNDEFINED ? arguments.at(1, "default") : found;
  }
}
