package io.noetl.playbook.scope;

import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.value.Outcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code output.data} outside of policies: a member {@code data} that it does not have is itself,
 * so that {@code output.data.data.x} and {@code output.data.x} are the same.
 *
 * @param value what is shown
 * @param inner the same with its rows, where it has some
 */
record DataView(Object value, Object inner) implements TemplateObject {

  /** The value, as a view when it is a map. */
  static @Nullable Object of(Outcome outcome, @Nullable Object value) {
    return value instanceof Map<?, ?> ? new DataView(value, RowsView.of(outcome, value)) : value;
  }

  @Override
  public @Nullable Object member(String name) {
    if (value instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    return name.equals("data") ? this : UNDEFINED;
  }

  @Override
  public @Nullable Object element(int index) {
    return inner instanceof RowsView rows ? rows.element(index) : member(String.valueOf(index));
  }

  @Override
  public Object plain() {
    return value;
  }

  @Override
  public Object items() {
    return inner instanceof RowsView rows ? rows.rows() : value;
  }
}
