package io.noetl.tool.sequence;

import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ctx}, {@code vars} and {@code context} show: every name of the flat map, ctx
 * variables winning. Bound as a value it is the ctx variables over the workload.
 */
final class CtxView implements TemplateObject {
  static final Set<String> NAMES = Set.of("ctx", "vars", "context");

  private final Map<String, @Nullable Object> variables;
  private final Map<String, @Nullable Object> workload;
  private final Scope names;

  CtxView(
      Map<String, @Nullable Object> variables,
      Map<String, @Nullable Object> workload,
      Scope names) {
    this.variables = variables;
    this.workload = workload;
    this.names = names;
  }

  @Override
  public @Nullable Object member(String name) {
    if (variables.containsKey(name)) {
      return variables.get(name);
    }
    return names.has(name) && !NAMES.contains(name) ? names.get(name) : UNDEFINED;
  }

  @Override
  public @Nullable Object element(int index) {
    return UNDEFINED;
  }

  @Override
  public @Nullable Object plain() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>(workload);
    variables.forEach(
        (name, value) ->
            map.put(name, value instanceof TemplateObject object ? object.plain() : value));
    return map;
  }
}
