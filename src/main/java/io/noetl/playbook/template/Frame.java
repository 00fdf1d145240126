package io.noetl.playbook.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names that a template has set itself, within one block that has names of its own. */
final class Frame {
  private final @Nullable Frame parent;
  private final Map<String, @Nullable Object> names = new HashMap<>();

  Frame(@Nullable Frame parent) {
    this.parent = parent;
  }

  @Nullable Frame parent() {
    return parent;
  }

  boolean has(String name) {
    return names.containsKey(name);
  }

  @Nullable Object get(String name) {
    return names.get(name);
  }

  void set(String name, @Nullable Object value) {
    names.put(name, value);
  }
}
