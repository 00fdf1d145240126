package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The two ways of formatting: {@code '%s'|format(x)} and {@code '{}'.format(x)}. */
final class Formats {
  /** Widest field and most decimals; wider ones would only serve to fill memory. */
  private static final int MAX_WIDTH = 1_000;

  private Formats() {}

  /** Percent formatting: {@code %s %d %f %x ...} with flags, width and precision. */
  static String percent(Evaluation evaluation, String format, Arguments arguments) {
    Output out = new Output(evaluation);
    int next = 0;
    int i = 0;
    while (i < format.length()) {
      int at = format.indexOf('%', i);
      if (at < 0) {
        break;
      }
      out.append(format, i, at);
      i = at + 1;
      Object value = UNDEFINED;
      boolean named = i < format.length() && format.charAt(i) == '(';
      if (named) {
        int close = format.indexOf(')', i);
        if (close < 0) {
          throw wrong(format, "has an unclosed name");
        }
        value = named(arguments, format.substring(i + 1, close));
        i = close + 1;
      }
      int start = i;
      while (i < format.length() && "#0- +.123456789".indexOf(format.charAt(i)) >= 0) {
        i++;
      }
      if (i == format.length()) {
        throw wrong(format, "ends in the middle of a field");
      }
      char type = format.charAt(i);
      if (type == '%') {
        out.append('%');
      } else {
        if (!named) {
          if (next >= arguments.positional().size()) {
            throw wrong(format, "has more fields than arguments");
          }
          value = arguments.positional().get(next++);
        }
        out.append(field(evaluation, format.substring(start, i), type, value));
      }
      i++;
    }
    return out.append(format, Math.min(i, format.length()), format.length()).text();
  }

  private static @Nullable Object named(Arguments arguments, String name) {
    if (arguments.named().containsKey(name)) {
      return arguments.named().get(name);
    }
    return !arguments.positional().isEmpty()
            && Values.plain(arguments.positional().getFirst()) instanceof Map<?, ?> map
        ? map.get(name)
        : UNDEFINED;
  }

  private static String field(
      Evaluation evaluation, String options, char type, @Nullable Object value) {
    int i = 0;
    while (i < options.length() && "#0- +".indexOf(options.charAt(i)) >= 0) {
      i++;
    }
    String flags = options.substring(0, i);
    int dot = options.indexOf('.', i);
    int width = number(dot < 0 ? options.substring(i) : options.substring(i, dot));
    int precision = dot < 0 ? -1 : number(options.substring(dot + 1));
    String body =
        switch (type) {
          case 's', 'r' -> cut(TextForm.of(evaluation, value), precision);
          case 'd', 'i', 'u' -> integer(value).toString();
          case 'x' -> integer(value).toString(16);
          case 'X' -> Texts.upper(integer(value).toString(16));
          case 'o' -> integer(value).toString(8);
          case 'f', 'F' -> fixed(value, precision < 0 ? 6 : precision);
          case 'e', 'E', 'g', 'G' -> scientific(type, value, precision < 0 ? 6 : precision);
          default ->
              throw new TemplateException(
                  "Expected a format field of type s, d, f, e, g, x or o, but got '" + type + "'");
        };
    boolean numeric = "sr".indexOf(type) < 0;
    if (numeric && !body.startsWith("-")) {
      body = flags.contains("+") ? "+" + body : flags.contains(" ") ? " " + body : body;
    }
    char align = flags.contains("-") ? '<' : '>';
    boolean zeros = numeric && flags.contains("0") && align == '>';
    return pad(body, width, zeros ? '0' : ' ', zeros ? '=' : align);
  }

  private static String cut(String text, int precision) {
    return precision >= 0 && precision < text.length() ? text.substring(0, precision) : text;
  }

  private static int number(String digits) {
    if (digits.isEmpty()) {
      return 0;
    }
    int value = -1;
    if (digits.length() < 5 && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      value = Integer.parseInt(digits);
    }
    if (value < 0 || value > MAX_WIDTH) {
      throw new TemplateException(
          "Expected widths and precisions of a format to be at most "
              + MAX_WIDTH
              + ", but got '"
              + Templates.excerpt(digits)
              + "'");
    }
    return value;
  }

  private static java.math.BigInteger integer(@Nullable Object value) {
    Number number = DataFilters.number("format", value);
    return Comparison.isInteger(number) ? Arithmetic.big(number) : decimal(number).toBigInteger();
  }

  private static BigDecimal decimal(Number number) {
    if (Comparison.isInteger(number)) {
      return new BigDecimal(Arithmetic.big(number));
    }
    double value = number.doubleValue();
    if (!Double.isFinite(value)) {
      throw new TemplateException("Expected format to get a finite number, but got " + value);
    }
    return new BigDecimal(value);
  }

  private static String fixed(@Nullable Object value, int precision) {
    return decimal(DataFilters.number("format", value))
        .setScale(precision, RoundingMode.HALF_EVEN)
        .toPlainString();
  }

  private static String scientific(char type, @Nullable Object value, int precision) {
    double number = decimal(DataFilters.number("format", value)).doubleValue();
    if (type == 'e' || type == 'E') {
      return String.format(java.util.Locale.ROOT, "%." + precision + type, number);
    }
    BigDecimal rounded =
        new BigDecimal(number).round(new java.math.MathContext(Math.max(1, precision)));
    return TextForm.number(rounded.doubleValue()).replaceFirst("\\.0$", "");
  }

  private static String pad(String text, int width, char fill, char align) {
    int missing = width - Texts.length(text);
    if (missing <= 0) {
      return text;
    }
    String filling = String.valueOf(fill).repeat(missing);
    return switch (align) {
      case '<' -> text + filling;
      case '^' -> filling.substring(0, missing / 2) + text + filling.substring(missing / 2);
      case '=' -> {
        boolean sign = text.startsWith("-") || text.startsWith("+");
        yield sign ? text.charAt(0) + filling + text.substring(1) : filling + text;
      }
      default -> filling + text;
    };
  }

  /** Brace formatting: <code>{} {0} {name} {x.y} {:.2f}</code>. */
  static String braces(Evaluation evaluation, String format, Arguments arguments) {
    Output out = new Output(evaluation);
    int next = 0;
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i);
      boolean doubled = i + 1 < format.length() && format.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        out.append(c);
        i += 2;
      } else if (c == '{') {
        int close = format.indexOf('}', i);
        if (close < 0) {
          throw wrong(format, "has an unclosed brace");
        }
        String field = format.substring(i + 1, close);
        int colon = field.indexOf(':');
        String path = colon < 0 ? field : field.substring(0, colon);
        Object value =
            path.isEmpty()
                ? positional(format, arguments, next++)
                : value(evaluation, format, arguments, path);
        out.append(styled(evaluation, value, colon < 0 ? "" : field.substring(colon + 1)));
        i = close + 1;
      } else {
        out.append(c);
        i++;
      }
    }
    return out.text();
  }

  private static @Nullable Object positional(String format, Arguments arguments, int index) {
    if (index >= arguments.positional().size()) {
      throw wrong(format, "has more fields than arguments");
    }
    return arguments.positional().get(index);
  }

  private static @Nullable Object value(
      Evaluation evaluation, String format, Arguments arguments, String path) {
    int dot = path.indexOf('.');
    String head = dot < 0 ? path : path.substring(0, dot);
    Object value =
        head.chars().allMatch(c -> c >= '0' && c <= '9')
            ? positional(format, arguments, number(head))
            : arguments.named().getOrDefault(head, UNDEFINED);
    return dot < 0 ? value : Access.path(evaluation, value, path.substring(dot + 1));
  }

  private static String styled(Evaluation evaluation, @Nullable Object value, String style) {
    if (style.isEmpty()) {
      return TextForm.of(evaluation, value);
    }
    char fill = ' ';
    char align = 0;
    int i = 0;
    if (style.length() > 1 && "<>^=".indexOf(style.charAt(1)) >= 0) {
      fill = style.charAt(0);
      align = style.charAt(1);
      i = 2;
    } else if ("<>^=".indexOf(style.charAt(0)) >= 0) {
      align = style.charAt(0);
      i = 1;
    }
    boolean plus = i < style.length() && style.charAt(i) == '+';
    i += plus ? 1 : 0;
    boolean zeros = i < style.length() && style.charAt(i) == '0';
    int start = i;
    while (i < style.length() && Character.isDigit(style.charAt(i))) {
      i++;
    }
    int width = number(style.substring(start, i));
    boolean thousands = i < style.length() && style.charAt(i) == ',';
    i += thousands ? 1 : 0;
    int precision = -1;
    if (i < style.length() && style.charAt(i) == '.') {
      start = ++i;
      while (i < style.length() && Character.isDigit(style.charAt(i))) {
        i++;
      }
      precision = number(style.substring(start, i));
    }
    if (style.length() - i > 1) {
      throw wrong(style, "is no style of a field");
    }
    boolean numeric = Comparison.number(Values.plain(value)) != null;
    char type = i < style.length() ? style.charAt(i) : numeric && precision >= 0 ? 'g' : 's';
    String body;
    if (type == '%') {
      body =
          decimal(DataFilters.number("format", value))
                  .movePointRight(2)
                  .setScale(precision < 0 ? 6 : precision, RoundingMode.HALF_EVEN)
                  .toPlainString()
              + "%";
    } else {
      body = field(evaluation, precision < 0 ? "" : "." + precision, type, value);
    }
    if (thousands) {
      body = grouped(body);
    }
    if (plus && numeric && !body.startsWith("-")) {
      body = "+" + body;
    }
    if (align == 0) {
      align = numeric ? (zeros ? '=' : '>') : '<';
      fill = zeros ? '0' : ' ';
    }
    return pad(body, width, fill, align);
  }

  private static String grouped(String number) {
    int end = number.indexOf('.') < 0 ? number.length() : number.indexOf('.');
    StringBuilder out = new StringBuilder(number);
    int first = number.startsWith("-") ? 1 : 0;
    for (int i = end - 3; i > first; i -= 3) {
      out.insert(i, ',');
    }
    return out.toString();
  }

  private static TemplateException wrong(String format, String why) {
    return new TemplateException(
        "Expected a complete format, but '" + Templates.excerpt(format) + "' " + why);
  }
}
