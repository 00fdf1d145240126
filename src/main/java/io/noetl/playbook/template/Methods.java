package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods of maps, texts and lists. There are no others, and none of Java's. */
final class Methods {
  private static final int MAX_WIDTH = 100_000;

  private Methods() {}

  static @Nullable Object call(
      Evaluation evaluation, @Nullable Object target, String name, Arguments arguments) {
    Object plain = Values.plain(target);
    return switch (plain) {
      case Map<?, ?> map -> map(evaluation, map, name, arguments);
      case String text -> text(evaluation, text, name, arguments);
      case List<?> list -> list(evaluation, list, name, arguments);
      case null, default -> throw unknown(name, plain);
    };
  }

  private static TemplateException unknown(String name, @Nullable Object target) {
    return new TemplateException(
        "Expected a value with a method '"
            + Templates.excerpt(name)
            + "', but got "
            + Values.typeName(target));
  }

  private static @Nullable Object map(
      Evaluation evaluation, Map<?, ?> map, String name, Arguments arguments) {
    return switch (name) {
      case "get" -> {
        Object found = Access.subscript(evaluation, map, arguments.at(0, "key"));
        if (found != UNDEFINED) {
          yield found;
        }
        Object otherwise = arguments.at(1, "default");
        yield otherwise == UNDEFINED ? null : otherwise;
      }
      case "keys" -> ListFilters.keys(evaluation, map);
      case "values" -> ListFilters.values(evaluation, map);
      case "items" -> ListFilters.pairs(evaluation, map);
      case "copy" -> {
        evaluation.charge(32L * map.size());
        yield new LinkedHashMap<>(map);
      }
      default -> throw unknown(name, map);
    };
  }

  private static @Nullable Object list(
      Evaluation evaluation, List<?> list, String name, Arguments arguments) {
    Object argument = arguments.at(0, "value");
    switch (name) {
      case "index" -> {
        for (int i = 0; i < list.size(); i++) {
          if (Comparison.equal(evaluation, list.get(i), argument)) {
            return (long) i;
          }
        }
        throw new TemplateException(
            "Expected index() to find its value in the list, but it is not there");
      }
      case "count" -> {
        long count = 0;
        for (Object item : list) {
          count += Comparison.equal(evaluation, item, argument) ? 1 : 0;
        }
        return count;
      }
      case "append", "extend" -> {
        if (!(list instanceof Items items)) {
          throw new TemplateException(
              "Expected "
                  + name
                  + "() on a list that the template itself has made, but it is another");
        }
        if (name.equals("append")) {
          evaluation.charge(64); // the place in the list, and what a small value takes
          items.add(argument == UNDEFINED ? null : argument);
        } else {
          List<@Nullable Object> more = Values.items(evaluation, argument, "extend");
          items.addAll(more);
        }
        return null;
      }
      default -> throw unknown(name, list);
    }
  }

  private static Object text(Evaluation evaluation, String text, String name, Arguments arguments) {
    evaluation.charge(text.length());
    return switch (name) {
      case "upper" -> Texts.upper(text);
      case "lower" -> Texts.lower(text);
      case "title" -> Texts.title(text);
      case "capitalize" -> Texts.capitalize(text);
      case "swapcase" -> swapCase(text);
      case "strip" -> Texts.strip(text, characters(evaluation, arguments), true, true);
      case "lstrip" -> Texts.strip(text, characters(evaluation, arguments), true, false);
      case "rstrip" -> Texts.strip(text, characters(evaluation, arguments), false, true);
      case "split" ->
          split(
              evaluation,
              text,
              separator(evaluation, arguments),
              arguments.integer(1, "maxsplit", -1));
      case "rsplit" -> splitRight(evaluation, text, arguments);
      case "splitlines" -> lines(evaluation, text);
      case "join" -> joined(evaluation, text, arguments);
      case "replace" ->
          Texts.replace(
              evaluation,
              text,
              arguments.text(evaluation, 0, "old", ""),
              arguments.text(evaluation, 1, "new", ""),
              arguments.integer(2, "count", -1));
      case "startswith" -> affix(evaluation, text, arguments, true);
      case "endswith" -> affix(evaluation, text, arguments, false);
      case "find" -> find(evaluation, text, arguments.text(evaluation, 0, "sub", ""));
      case "count" ->
          (long) Texts.count(evaluation, text, arguments.text(evaluation, 0, "sub", ""));
      case "format" -> Formats.braces(evaluation, text, arguments);
      case "zfill" -> zeros(text, width(arguments));
      case "isdigit" -> all(text, Character::isDigit);
      case "isalpha" -> all(text, Character::isLetter);
      case "isalnum" -> all(text, Character::isLetterOrDigit);
      case "removeprefix" -> {
        String prefix = arguments.text(evaluation, 0, "prefix", "");
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = arguments.text(evaluation, 0, "suffix", "");
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "encode" -> text;
      case "center", "ljust", "rjust" -> justified(evaluation, text, name, arguments);
      default -> throw unknown(name, text);
    };
  }

  private static @Nullable String characters(Evaluation evaluation, Arguments arguments) {
    return Values.isMissing(arguments.at(0, "chars"))
        ? null
        : arguments.text(evaluation, 0, "chars", "");
  }

  private static @Nullable String separator(Evaluation evaluation, Arguments arguments) {
    return Values.isMissing(arguments.at(0, "sep"))
        ? null
        : arguments.text(evaluation, 0, "sep", "");
  }

  static Items split(Evaluation evaluation, String text, @Nullable String separator, long max) {
    if (separator != null && separator.isEmpty()) {
      throw new TemplateException("Expected split to get a separator, but it is empty");
    }
    return new Items(Texts.split(evaluation, text, separator, max));
  }

  private static Items splitRight(Evaluation evaluation, String text, Arguments arguments) {
    String separator = separator(evaluation, arguments);
    long max = arguments.integer(1, "maxsplit", -1);
    Items parts = split(evaluation, text, separator, -1);
    if (max < 0 || parts.size() <= max + 1) {
      return parts;
    }
    // Keep the last parts; what stands before them is the rest of the text, as it is written.
    int kept = (int) max;
    Items result = new Items(parts.subList(parts.size() - kept, parts.size()));
    int end = text.length();
    for (int i = result.size() - 1; i >= 0; i--) {
      String part = (String) java.util.Objects.requireNonNull(result.get(i));
      end =
          separator == null
              ? text.lastIndexOf(part, end - part.length())
              : end - part.length() - separator.length();
    }
    String rest = text.substring(0, end);
    result.addFirst(separator == null ? rest.stripTrailing() : rest);
    return result;
  }

  private static Items lines(Evaluation evaluation, String text) {
    Items lines = new Items();
    text.lines().forEach(lines::add);
    evaluation.charge(text.length() + 40L * lines.size());
    return lines;
  }

  private static String joined(Evaluation evaluation, String separator, Arguments arguments) {
    Output out = new Output(evaluation);
    boolean first = true;
    for (Object item : Values.items(evaluation, arguments.at(0, "iterable"), "join")) {
      if (!first) {
        out.append(separator);
      }
      first = false;
      out.append(TextForm.of(evaluation, item));
    }
    return out.text();
  }

  private static boolean affix(
      Evaluation evaluation, String text, Arguments arguments, boolean start) {
    Object given = Values.plain(arguments.at(0, "prefix"));
    List<? extends @Nullable Object> choices =
        given instanceof List<?> list ? list : List.of(arguments.text(evaluation, 0, "prefix", ""));
    for (Object choice : choices) {
      String affix = TextForm.of(evaluation, choice);
      if (start ? text.startsWith(affix) : text.endsWith(affix)) {
        return true;
      }
    }
    return false;
  }

  private static Object find(Evaluation evaluation, String text, String part) {
    int at = Texts.indexOf(evaluation, text, part, 0);
    return at < 0 ? -1L : (long) text.codePointCount(0, at);
  }

  private static int width(Arguments arguments) {
    long width = arguments.integer(0, "width", 0);
    if (width > MAX_WIDTH) {
      throw new TemplateException(
          "Expected a width of at most " + MAX_WIDTH + ", but got " + width);
    }
    return (int) Math.max(width, 0);
  }

  private static String zeros(String text, int width) {
    int missing = width - Texts.length(text);
    if (missing <= 0) {
      return text;
    }
    boolean sign = text.startsWith("-") || text.startsWith("+");
    return sign
        ? text.charAt(0) + "0".repeat(missing) + text.substring(1)
        : "0".repeat(missing) + text;
  }

  private static String justified(
      Evaluation evaluation, String text, String name, Arguments arguments) {
    int missing = width(arguments) - Texts.length(text);
    String fill = arguments.text(evaluation, 1, "fillchar", " ");
    if (Texts.length(fill) != 1) {
      throw new TemplateException(
          "Expected " + name + " to fill with one character, but got another text");
    }
    if (missing <= 0) {
      return text;
    }
    int left = name.equals("ljust") ? 0 : name.equals("rjust") ? missing : missing / 2;
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }

  private static String swapCase(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c ->
                out.appendCodePoint(
                    Character.isUpperCase(c)
                        ? Character.toLowerCase(c)
                        : Character.toUpperCase(c)));
    return out.toString();
  }

  private static boolean all(String text, java.util.function.IntPredicate test) {
    return !text.isEmpty() && text.codePoints().allMatch(test);
  }
}
