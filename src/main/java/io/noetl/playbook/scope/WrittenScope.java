package io.noetl.playbook.scope;

import io.noetl.playbook.scope.Mutations.Target;
import io.noetl.playbook.scope.Mutations.Write;
import io.noetl.playbook.template.Scope;
import io.noetl.playbook.template.TemplateObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A scope in which some writes have already happened. */
final class WrittenScope {
  private static final Set<String> CONTEXT_NAMES = Set.of("ctx", "vars", "context");

  private WrittenScope() {}

  /** The scope with the writes laid over it. */
  static Scope over(Scope scope, List<Write> writes) {
    Map<String, @Nullable Object> variables = new LinkedHashMap<>();
    Map<String, @Nullable Object> iteration = new LinkedHashMap<>();
    Object context = scope.get("ctx");
    Object iter = scope.get("iter");
    for (Write write : writes) {
      boolean toIteration = write.target() == Target.ITER;
      Map<String, @Nullable Object> written = toIteration ? iteration : variables;
      String name = write.name();
      Object old;
      if (written.containsKey(name)) {
        old = written.get(name);
      } else if (toIteration) {
        old = member(iter, name);
      } else {
        Object variable = member(context, name);
        old = variable == null ? scope.get(name) : variable;
      }
      written.put(name, Mutations.merged(old, write.path(), 1, write.value()));
    }
    Map<String, @Nullable Object> names = new LinkedHashMap<>(variables);
    for (String name : CONTEXT_NAMES) {
      if (!variables.containsKey(name)) {
        names.put(name, new Overlay(scope.get(name), variables));
      }
    }
    if (!iteration.isEmpty()) {
      names.put("iter", new Overlay(iter, iteration));
    }
    return scope.with(names);
  }

  private static @Nullable Object member(@Nullable Object value, String name) {
    Object found =
        switch (value) {
          case Map<?, ?> map -> map.get(name);
          case TemplateObject object -> object.member(name);
          case null, default -> null;
        };
    return found == TemplateObject.UNDEFINED ? null : found;
  }

  /** A map, or a view that acts as one, with members laid over it. */
  private record Overlay(@Nullable Object lower, Map<String, @Nullable Object> members)
      implements TemplateObject {
    @Override
    public @Nullable Object member(String name) {
      if (members.containsKey(name)) {
        return members.get(name);
      }
      return switch (lower) {
        case Map<?, ?> map -> map.containsKey(name) ? map.get(name) : UNDEFINED;
        case TemplateObject object -> object.member(name);
        case null, default -> UNDEFINED;
      };
    }

    @Override
    public Object element(int index) {
      return UNDEFINED;
    }

    @Override
    public Object plain() {
      Map<Object, @Nullable Object> all = new LinkedHashMap<>();
      Object below = lower instanceof TemplateObject object ? object.plain() : lower;
      if (below instanceof Map<?, ?> map) {
        all.putAll(map);
      }
      all.putAll(members);
      return all;
    }
  }
}
