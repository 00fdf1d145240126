package io.noetl.playbook.scope;

import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.value.Outcome;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data of a call that gave rows: the map itself, but an integer subscript reaches the rows, and
 * its length is their number.
 *
 * @param data the whole data
 * @param rows its rows
 */
record RowsView(Map<?, ?> data, List<?> rows) implements TemplateObject {

  /** The data, as a view when it has rows. */
  static Object of(Outcome outcome, Object data) {
    return outcome.shape() == Outcome.Shape.ROWS
            && data instanceof Map<?, ?> map
            && map.get("rows") instanceof List<?> rows
        ? new RowsView(map, rows)
        : data;
  }

  @Override
  public @Nullable Object member(String name) {
    return data.containsKey(name) ? data.get(name) : UNDEFINED;
  }

  @Override
  public @Nullable Object element(int index) {
    return Elements.of(rows, index);
  }

  @Override
  public Object plain() {
    return data;
  }

  @Override
  public Object items() {
    return rows;
  }
}
