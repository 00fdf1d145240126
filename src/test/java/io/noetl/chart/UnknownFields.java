package io.noetl.chart;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Fields that Kubernetes does not know: its models keep them aside instead of refusing them. */
final class UnknownFields {
  private static final String MODELS = "io.fabric8.kubernetes.api.model";

  private UnknownFields() {}

  /** Their paths. */
  static List<String> of(Object object) throws ReflectiveOperationException {
    List<String> found = new ArrayList<>();
    walk(object.getClass().getSimpleName(), object, found);
    return found;
  }

  private static void walk(String path, Object value, List<String> found)
      throws ReflectiveOperationException {
    if (value instanceof Collection<?> list) {
      for (Object item : list) {
        walk(path + "[]", item, found);
      }
      return;
    }
    // A resource of somebody else's schema, which nobody here knows.
    if (!value.getClass().getName().startsWith(MODELS)
        || value instanceof GenericKubernetesResource
        || value.getClass().isEnum()) {
      return;
    }
    for (Method method : value.getClass().getMethods()) {
      String name = method.getName();
      if (name.startsWith("get") && method.getParameterCount() == 0) {
        Object member = method.invoke(value);
        if (name.equals("getAdditionalProperties")) {
          ((Map<?, ?>) member).keySet().forEach(key -> found.add(path + "." + key));
        } else if (member != null) {
          walk(path + "." + name.substring(3), member, found);
        }
      }
    }
  }
}
