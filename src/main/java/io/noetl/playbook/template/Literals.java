package io.noetl.playbook.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values written into an expression. */
final class Literals {
  private Literals() {}

  /** A number, text, boolean or none. */
  static final class Constant extends Expression {
    private final @Nullable Object value;

    Constant(@Nullable Object value) {
      super(1);
      this.value = value;
    }

    @Nullable Object value() {
      return value;
    }

    @Override
    @Nullable Object evaluate(Evaluation evaluation) {
      return value;
    }
  }

  /** {@code [a, b]} and {@code (a, b)}: a new list each time. */
  static final class Sequence extends Expression {
    private final Expression[] elements;

    Sequence(List<Expression> elements) {
      super(deeper(elements.toArray(Expression[]::new)));
      this.elements = elements.toArray(Expression[]::new);
    }

    @Override
    Object evaluate(Evaluation evaluation) {
      evaluation.charge(48 + 16L * elements.length);
      Items items = new Items();
      items.ensureCapacity(elements.length);
      for (Expression element : elements) {
        items.add(element.evaluate(evaluation));
      }
      return items;
    }
  }

  /** <code>{a: b}</code>: a new map each time; keys are texts. */
  static final class Dictionary extends Expression {
    private final Expression[] keys;
    private final Expression[] values;

    Dictionary(List<Expression> keys, List<Expression> values) {
      super(
          Math.max(
              deeper(keys.toArray(Expression[]::new)), deeper(values.toArray(Expression[]::new))));
      this.keys = keys.toArray(Expression[]::new);
      this.values = values.toArray(Expression[]::new);
    }

    @Override
    Object evaluate(Evaluation evaluation) {
      evaluation.charge(64 + 32L * keys.length);
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      for (int i = 0; i < keys.length; i++) {
        String key = TextForm.of(evaluation, keys[i].evaluate(evaluation));
        map.put(key, values[i].evaluate(evaluation));
      }
      return map;
    }
  }
}
