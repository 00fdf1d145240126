package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as text: printed ({@code True}, {@code 1.0}, {@code {"a": 1}}) and as JSON. */
final class TextForm {
  private static final int MAX_DEPTH = 500;

  private final Evaluation evaluation;
  private final Output out;
  private final String comma;
  private final String colon;
  private final int indent;

  private TextForm(Evaluation evaluation, Output out, String comma, String colon, int indent) {
    this.evaluation = evaluation;
    this.out = out;
    this.comma = comma;
    this.colon = colon;
    this.indent = indent;
  }

  /** How a value is printed in the middle of a text. */
  static String of(Evaluation evaluation, @Nullable Object value) {
    Object plain = evaluation.read(Values.plain(value));
    return switch (plain) {
      case null -> "None";
      case String text -> text;
      case Boolean flag -> flag ? "True" : "False";
      case Number number -> number(number);
      case List<?> _, Map<?, ?> _ -> {
        Output out = new Output(evaluation);
        new TextForm(evaluation, out, ", ", ": ", -1).write(plain, 0);
        yield out.text();
      }
      default -> plain == UNDEFINED ? "" : plain.toString();
    };
  }

  /** Compact JSON. */
  static String json(Evaluation evaluation, @Nullable Object value) {
    Output out = new Output(evaluation);
    new TextForm(evaluation, out, ",", ":", -1).write(value, 0);
    return out.text();
  }

  /** JSON over several lines, each level indented this far. */
  static String json(Evaluation evaluation, @Nullable Object value, int indent) {
    Output out = new Output(evaluation);
    new TextForm(evaluation, out, ",", ": ", Math.min(indent, 16)).write(value, 0);
    return out.text();
  }

  static String number(Number number) {
    return switch (number) {
      case Double real -> real(real);
      case Float real -> real(real.doubleValue());
      case BigDecimal decimal -> decimal.toString();
      default -> number.toString();
    };
  }

  /** The shortest text that reads back as the same float, with at least one decimal. */
  private static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    String java = Double.toString(value);
    double size = Math.abs(value);
    if (size >= 1e-3 && size < 1e7) {
      return java;
    }
    BigDecimal decimal = new BigDecimal(java).stripTrailingZeros();
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = decimal.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = decimal.unscaledValue().abs().toString();
    StringBuilder text = new StringBuilder(value < 0 ? "-" : "");
    text.append(digits.charAt(0));
    if (digits.length() > 1) {
      text.append('.').append(digits, 1, digits.length());
    }
    text.append(exponent < 0 ? "e-" : "e+");
    int absolute = Math.abs(exponent);
    return text.append(absolute < 10 ? "0" : "").append(absolute).toString();
  }

  private void write(@Nullable Object value, int depth) {
    evaluation.step();
    if (depth > MAX_DEPTH) {
      throw new TemplateException(
          "Expected printed values to be nested at most " + MAX_DEPTH + " deep, but they are not");
    }
    Object plain = evaluation.read(Values.plain(value));
    switch (plain) {
      case null -> out.append("null");
      case String text -> quote(text);
      case Boolean flag -> out.append(flag ? "true" : "false");
      case Double real when !Double.isFinite(real) -> out.append("null");
      case Number number -> out.append(number(number));
      case Map<?, ?> map -> map(map, depth);
      case Iterable<?> list -> list(list.iterator(), depth);
      default -> {
        if (plain != UNDEFINED) {
          throw new TemplateException(
              "Expected a value that has a text, but got " + Values.typeName(plain));
        }
        out.append("null");
      }
    }
  }

  private void map(Map<?, ?> map, int depth) {
    out.append('{');
    boolean first = true;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      separate(first, depth + 1);
      first = false;
      quote(String.valueOf(entry.getKey()));
      out.append(colon);
      write(entry.getValue(), depth + 1);
    }
    end(first, depth);
    out.append('}');
  }

  private void list(Iterator<?> items, int depth) {
    out.append('[');
    boolean first = true;
    while (items.hasNext()) {
      separate(first, depth + 1);
      first = false;
      write(items.next(), depth + 1);
    }
    end(first, depth);
    out.append(']');
  }

  private void separate(boolean first, int depth) {
    if (!first) {
      out.append(comma);
    }
    if (indent >= 0) {
      out.append("\n").append(" ".repeat(indent * depth));
    }
  }

  private void end(boolean empty, int depth) {
    if (indent >= 0 && !empty) {
      out.append("\n").append(" ".repeat(indent * depth));
    }
  }

  private void quote(String text) {
    out.append('"');
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\') {
        continue;
      }
      out.append(text, from, i);
      from = i + 1;
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> out.append(String.format("\\u%04x", (int) c));
      }
    }
    out.append(text, from, text.length()).append('"');
  }
}
