package io.noetl.playbook.scope;

import io.noetl.playbook.template.TemplateObject;
import io.noetl.playbook.value.DataSource;
import io.noetl.playbook.value.References;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A variable whose value is stored out of line: got when it is first touched. */
final class StoredView implements TemplateObject {
  private final Map<String, @Nullable Object> reference;
  private final DataSource source;
  private boolean made;
  private @Nullable Object value;

  StoredView(Map<String, @Nullable Object> reference, DataSource source) {
    this.reference = reference;
    this.source = source;
  }

  @Override
  public @Nullable Object plain() {
    if (!made) {
      value = source.data(reference);
      made = true;
    }
    return value;
  }

  @Override
  public @Nullable Object member(String name) {
    if (!made && References.lacks(reference, name)) {
      return UNDEFINED;
    }
    return plain() instanceof Map<?, ?> map && map.containsKey(name) ? map.get(name) : UNDEFINED;
  }

  @Override
  public @Nullable Object element(int index) {
    return switch (plain()) {
      case List<?> list -> Elements.of(list, index);
      case Map<?, ?> map -> {
        String name = String.valueOf(index);
        yield map.containsKey(name) ? map.get(name) : UNDEFINED;
      }
      case null, default -> Elements.ofText(value, index);
    };
  }
}
