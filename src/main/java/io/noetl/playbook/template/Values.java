package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What kind of thing a value is, and its parts. A value is plain JSON, undefined, or an object. */
final class Values {
  private Values() {}

  /** The value that operators work on: an object gives way to its plain value. */
  static @Nullable Object plain(@Nullable Object value) {
    return value instanceof TemplateObject object ? object.plain() : value;
  }

  static boolean isMissing(@Nullable Object value) {
    return value == null || value == UNDEFINED;
  }

  static boolean truth(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Boolean b -> b;
      case String s -> !s.isEmpty();
      case Long n -> n != 0;
      case Double d -> d != 0;
      case BigInteger n -> n.signum() != 0;
      case Number n -> n.doubleValue() != 0;
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      case TemplateObject object -> truth(object.plain());
      default -> value != UNDEFINED;
    };
  }

  /** The word for the type of a value in error messages. */
  static String typeName(@Nullable Object value) {
    Object plain = plain(value);
    return switch (plain) {
      case null -> "none";
      case Boolean _ -> "a boolean";
      case Number _ -> "a number";
      case String _ -> "a string";
      case List<?> _ -> "a list";
      case Map<?, ?> _ -> "a map";
      default -> plain == UNDEFINED ? "an undefined value" : "a function";
    };
  }

  /**
   * The elements that a loop or a list filter sees, each read: of a list its elements, of a map its
   * keys, of a text its characters, of nothing none.
   *
   * @throws TemplateException for a number or a boolean
   */
  static List<@Nullable Object> items(Evaluation evaluation, @Nullable Object value, String what) {
    Object source = value instanceof TemplateObject object ? object.items() : value;
    return switch (source) {
      case null -> List.of();
      case Range range -> range.items();
      case List<?> list -> read(evaluation, list);
      case Map<?, ?> map -> {
        evaluation.charge(16L * map.size());
        List<@Nullable Object> keys = new ArrayList<>(map.size());
        for (Object key : map.keySet()) {
          keys.add(String.valueOf(key));
        }
        yield keys;
      }
      case String text -> characters(evaluation, text);
      case TemplateObject inner when inner != value -> items(evaluation, inner, what);
      default -> {
        if (source == UNDEFINED) {
          yield List.of();
        }
        throw new TemplateException(
            "Expected " + what + " to get a list, but got " + typeName(source));
      }
    };
  }

  private static List<@Nullable Object> read(Evaluation evaluation, List<?> list) {
    evaluation.charge(16L * list.size());
    List<@Nullable Object> items = new ArrayList<>(list.size());
    for (Object item : list) {
      items.add(evaluation.read(item));
    }
    return items;
  }

  private static List<@Nullable Object> characters(Evaluation evaluation, String text) {
    evaluation.charge(40L * text.length());
    List<@Nullable Object> characters = new ArrayList<>(text.length());
    text.codePoints().forEach(point -> characters.add(Character.toString(point)));
    return characters;
  }

  /**
   * @throws TemplateException when the value has no length
   */
  static long length(@Nullable Object value) {
    Object source = value instanceof TemplateObject object ? object.items() : value;
    return switch (source) {
      case null -> 0;
      case String text -> text.codePointCount(0, text.length());
      case List<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      default -> {
        if (source == UNDEFINED) {
          yield 0;
        }
        throw new TemplateException(
            "Expected length to get a text, a list or a map, but got " + typeName(source));
      }
    };
  }
}
