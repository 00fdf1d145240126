package io.noetl.playbook.template;

import static io.noetl.playbook.template.TemplateObject.UNDEFINED;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns what an expression yields into the plain JSON value that its receiver gets: undefined
 * becomes null, objects give way to their plain values, lazy defaults to what they yield. Parts
 * that are plain already are shared, not copied; values are never changed in place.
 */
final class Binding {
  private static final int MAX_DEPTH = 500;

  private Binding() {}

  static @Nullable Object bind(Evaluation evaluation, @Nullable Object value) {
    return bind(evaluation, value, 0);
  }

  private static @Nullable Object bind(Evaluation evaluation, @Nullable Object value, int depth) {
    evaluation.step();
    if (depth > MAX_DEPTH) {
      throw new TemplateException(
          "Expected values to be nested at most " + MAX_DEPTH + " deep, but they are not");
    }
    Object plain = evaluation.read(Values.plain(value));
    return switch (plain) {
      case null -> null;
      case String _, Boolean _, Number _ -> plain;
      case Map<?, ?> map -> map(evaluation, map, depth);
      case Items items -> list(evaluation, new ArrayList<>(items), depth);
      case Range range -> range.items();
      case List<?> list -> list(evaluation, list, depth);
      default -> {
        if (plain == UNDEFINED) {
          yield null;
        }
        throw new TemplateException(
            "Expected a value that can be bound, but got " + Values.typeName(plain));
      }
    };
  }

  private static Object list(
      Evaluation evaluation, List<? extends @Nullable Object> list, int depth) {
    List<@Nullable Object> changed = null;
    int i = 0;
    for (Iterator<? extends @Nullable Object> items = list.iterator(); items.hasNext(); i++) {
      Object item = items.next();
      Object bound = bind(evaluation, item, depth + 1);
      if (bound != item && changed == null) {
        evaluation.charge(16L * list.size());
        changed = new ArrayList<>(list);
      }
      if (changed != null) {
        changed.set(i, bound);
      }
    }
    return changed == null ? list : changed;
  }

  private static Object map(Evaluation evaluation, Map<?, ?> map, int depth) {
    Map<String, @Nullable Object> changed = null;
    int seen = 0;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      Object bound = bind(evaluation, entry.getValue(), depth + 1);
      boolean same = bound == entry.getValue() && entry.getKey() instanceof String;
      if (!same && changed == null) {
        evaluation.charge(16L * map.size());
        changed = new LinkedHashMap<>();
        Iterator<? extends Map.Entry<?, ?>> before = map.entrySet().iterator();
        for (int i = 0; i < seen; i++) {
          Map.Entry<?, ?> copied = before.next();
          changed.put(String.valueOf(copied.getKey()), copied.getValue());
        }
      }
      if (changed != null) {
        changed.put(String.valueOf(entry.getKey()), bound);
      }
      seen++;
    }
    return changed == null ? map : changed;
  }
}
