package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names, members, subscripts and slices. They only ever touch maps, lists, texts and objects. */
final class Access {
  private static final Set<String> IDS = Set.of("execution_id", "catalog_id", "command_id");
  private static final String KEYCHAIN = "keychain";

  private Access() {}

  /** A bare name. */
  static final class Name extends Expression {
    private final String name;

    Name(String name) {
      super(1);
      this.name = name;
    }

    String name() {
      return name;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      return evaluation.lookup(name);
    }

    @Override
    boolean secret() {
      return IDS.contains(name) || name.equals(KEYCHAIN);
    }
  }

  /** {@code a.b}. */
  static final class Member extends Expression {
    private final Expression base;
    private final String name;

    Member(Expression base, String name) {
      super(deeper(base));
      this.base = base;
      this.name = name;
    }

    Expression base() {
      return base;
    }

    String name() {
      return name;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      return member(evaluation, base.evaluate(evaluation), name);
    }

    @Override
    boolean secret() {
      return IDS.contains(name)
          || name.equals(KEYCHAIN)
          || base.secret()
          || base instanceof Name job && job.name().equals("job");
    }
  }

  /** {@code a[b]}; {@code a.0} too. */
  static final class Subscript extends Expression {
    private final Expression base;
    private final Expression key;

    Subscript(Expression base, Expression key) {
      super(deeper(base, key));
      this.base = base;
      this.key = key;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      Object value = base.evaluate(evaluation);
      return subscript(evaluation, value, key.evaluate(evaluation));
    }

    @Override
    boolean secret() {
      return key instanceof Literals.Constant constant
              && constant.value() instanceof String word
              && (IDS.contains(word) || word.equals(KEYCHAIN))
          || base.secret();
    }
  }

  /** {@code a[b:c:d]}, of a list or a text. */
  static final class Slice extends Expression {
    private final Expression base;
    private final @Nullable Expression start;
    private final @Nullable Expression stop;
    private final @Nullable Expression step;

    Slice(
        Expression base,
        @Nullable Expression start,
        @Nullable Expression stop,
        @Nullable Expression step) {
      super(1 + Math.max(base.depth(), Math.max(depth(start), Math.max(depth(stop), depth(step)))));
      this.base = base;
      this.start = start;
      this.stop = stop;
      this.step = step;
    }

    private static int depth(@Nullable Expression part) {
      return part == null ? 0 : part.depth();
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      Object value = base.evaluate(evaluation);
      Object source = value instanceof TemplateObject object ? object.items() : value;
      Long by = bound(evaluation, step);
      long stride = by == null ? 1 : by;
      if (stride == 0) {
        throw new TemplateException("Expected the step of a slice to differ from 0, but it is 0");
      }
      Long from = bound(evaluation, start);
      Long to = bound(evaluation, stop);
      if (source instanceof String text) {
        if (text.codePointCount(0, text.length()) == text.length()) {
          StringBuilder out = new StringBuilder();
          walk(text.length(), from, to, stride, i -> out.append(text.charAt(i)));
          evaluation.charge(out.length());
          return out.toString();
        }
        int[] points = text.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        walk(points.length, from, to, stride, i -> out.appendCodePoint(points[i]));
        evaluation.charge(text.length());
        return out.toString();
      }
      if (source instanceof List<?> list) {
        evaluation.charge(16L * list.size());
        Items out = new Items();
        walk(list.size(), from, to, stride, i -> out.add(evaluation.read(list.get(i))));
        return out;
      }
      return UNDEFINED;
    }

    private static @Nullable Long bound(Evaluation evaluation, @Nullable Expression part) {
      Object value = part == null ? null : Values.plain(part.evaluate(evaluation));
      if (value == null || value == UNDEFINED) {
        return null;
      }
      Number number = Comparison.number(value);
      if (number == null || !Comparison.isInteger(number)) {
        throw new TemplateException(
            "Expected the bounds of a slice to be integers, but got " + Values.typeName(value));
      }
      return number.longValue();
    }

    private static void walk(
        int size,
        @Nullable Long from,
        @Nullable Long to,
        long step,
        java.util.function.IntConsumer visit) {
      long start;
      long end;
      if (step > 0) {
        start = from == null ? 0 : clamp(from, size, 0, size);
        end = to == null ? size : clamp(to, size, 0, size);
      } else {
        start = from == null ? size - 1L : clamp(from, size, -1, size - 1L);
        end = to == null ? -1 : clamp(to, size, -1, size - 1L);
      }
      for (long i = start; step > 0 ? i < end : i > end; i += step) {
        visit.accept((int) i);
        if (step > size || step < -size) {
          return;
        }
      }
    }

    private static long clamp(long index, int size, long low, long high) {
      long absolute = index < 0 ? index + size : index;
      return Math.min(Math.max(absolute, low), high);
    }
  }

  /** The member of that name, or undefined. */
  static @Nullable Object member(Evaluation evaluation, @Nullable Object base, String name) {
    return switch (base) {
      case Map<?, ?> map -> {
        Object value = map.get(name);
        yield value != null ? evaluation.read(value) : map.containsKey(name) ? null : UNDEFINED;
      }
      case TemplateObject object -> evaluation.read(object.member(name));
      case null, default -> UNDEFINED;
    };
  }

  /** What a subscript reaches, or undefined: a member by text, an element by integer. */
  static @Nullable Object subscript(
      Evaluation evaluation, @Nullable Object base, @Nullable Object key) {
    Object plainKey = Values.plain(key);
    if (plainKey instanceof String name) {
      return member(evaluation, base, name);
    }
    if (!(plainKey instanceof Number number) || !Comparison.isInteger(number)) {
      return UNDEFINED;
    }
    long index = number.longValue();
    return switch (base) {
      case List<?> list -> {
        long at = index < 0 ? index + list.size() : index;
        yield at < 0 || at >= list.size() ? UNDEFINED : evaluation.read(list.get((int) at));
      }
      case Map<?, ?> map -> member(evaluation, map, number.toString());
      case String text -> character(text, index);
      case TemplateObject object ->
          index == (int) index ? evaluation.read(object.element((int) index)) : UNDEFINED;
      case null, default -> UNDEFINED;
    };
  }

  private static Object character(String text, long index) {
    int length = Texts.length(text);
    long at = index < 0 ? index + length : index;
    if (at < 0 || at >= length) {
      return UNDEFINED;
    }
    int start = text.offsetByCodePoints(0, (int) at);
    return text.substring(start, text.offsetByCodePoints(start, 1));
  }

  /** What a dotted path of an {@code attribute} argument reaches; digits are indexes. */
  static @Nullable Object path(Evaluation evaluation, @Nullable Object base, Object path) {
    if (path instanceof Number) {
      return subscript(evaluation, base, path);
    }
    Object value = base;
    for (String part : String.valueOf(path).split("\\.", -1)) {
      boolean index =
          !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
      value =
          index && !(Values.plain(value) instanceof Map<?, ?>)
              ? subscript(evaluation, value, Long.valueOf(part))
              : member(evaluation, value, part);
    }
    return value;
  }
}
