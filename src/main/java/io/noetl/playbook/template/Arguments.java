package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The evaluated arguments of a call.
 *
 * @param positional those without a name, in order
 * @param named those with a name
 */
record Arguments(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  /** The argument at a position or of a name; undefined when it is not given. */
  @Nullable Object at(int index, String name) {
    if (index < positional.size()) {
      return positional.get(index);
    }
    return named.containsKey(name) ? named.get(name) : UNDEFINED;
  }

  boolean has(int index, String name) {
    return at(index, name) != UNDEFINED;
  }

  /** A text argument, as it is printed. */
  String text(Evaluation evaluation, int index, String name, String otherwise) {
    Object value = at(index, name);
    return value == UNDEFINED ? otherwise : TextForm.of(evaluation, value);
  }

  boolean flag(int index, String name, boolean otherwise) {
    Object value = at(index, name);
    return value == UNDEFINED ? otherwise : Values.truth(value);
  }

  /**
   * @throws TemplateException when the argument is given and not an integer
   */
  long integer(int index, String name, long otherwise) {
    Object value = Values.plain(at(index, name));
    if (value == UNDEFINED || value == null) {
      return otherwise;
    }
    Number number = Comparison.number(value);
    if (number == null || !Comparison.isInteger(number)) {
      throw new TemplateException(
          "Expected argument '" + name + "' to be an integer, but got " + Values.typeName(value));
    }
    long wide = number.longValue();
    return number instanceof java.math.BigInteger big
        ? (big.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE)
        : wide;
  }

  /** An {@code attribute} argument: a text or an integer; null when it is not given. */
  @Nullable Object attribute(int index, String name) {
    Object value = Values.plain(at(index, name));
    return value instanceof String || value instanceof Number ? value : null;
  }

  Arguments from(int start) {
    return new Arguments(
        start >= positional.size() ? List.of() : positional.subList(start, positional.size()),
        named);
  }
}
