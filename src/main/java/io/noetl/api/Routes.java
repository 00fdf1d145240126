package io.noetl.api;

import io.helidon.http.Method;
import io.noetl.policy.Glob;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects the routes of all resources, then orders them so that a fixed segment wins over a
 * variable whatever the order in which they were added.
 */
final class Routes {
  /** Serves one request. */
  @FunctionalInterface
  interface Handler {
    Reply handle(Call call);
  }

  /**
   * One route.
   *
   * @param template as documented: {@code {id}} is one segment, {@code {path...}} one or more
   */
  record Route(
      Method method, String template, AccessClass access, Bodies.Limit limit, Handler handler) {

    /** The template in the words of the web server. */
    String pattern() {
      return template.replaceAll("\\{(\\w+)\\.\\.\\.}", "{+$1}");
    }
  }

  private final Bodies.Limit defaultLimit;
  private final List<Route> routes = new ArrayList<>();

  Routes(ApiLimits limits) {
    this.defaultLimit = new Bodies.Limit("limits.request-body", limits.bodyBytes());
  }

  Routes get(String template, AccessClass access, Handler handler) {
    return add(Method.GET, template, access, defaultLimit, handler);
  }

  Routes post(String template, AccessClass access, Handler handler) {
    return add(Method.POST, template, access, defaultLimit, handler);
  }

  Routes post(String template, AccessClass access, Bodies.Limit limit, Handler handler) {
    return add(Method.POST, template, access, limit, handler);
  }

  Routes put(String template, AccessClass access, Bodies.Limit limit, Handler handler) {
    return add(Method.PUT, template, access, limit, handler);
  }

  Routes delete(String template, AccessClass access, Handler handler) {
    return add(Method.DELETE, template, access, defaultLimit, handler);
  }

  private Routes add(
      Method method, String template, AccessClass access, Bodies.Limit limit, Handler handler) {
    routes.add(new Route(method, template, access, limit, handler));
    return this;
  }

  /** The route that serves a path, or has this very template; null when there is none. */
  @Nullable Route find(String method, String path) {
    for (Map.Entry<String, List<Route>> entry : byTemplate().entrySet()) {
      if (!entry.getKey().equals(path) && !serves(entry.getKey(), path)) {
        continue;
      }
      for (Route route : entry.getValue()) {
        if (route.method().text().equals(method)) {
          return route;
        }
      }
    }
    return null;
  }

  private static boolean serves(String template, String path) {
    return new Glob(template.replaceAll("\\{\\w+\\.\\.\\.}", "**").replaceAll("\\{\\w+}", "*"))
        .matches(path);
  }

  /** Every route in the order in which it was added. */
  List<Route> all() {
    return List.copyOf(routes);
  }

  /** Routes by template, the most specific template first. */
  Map<String, List<Route>> byTemplate() {
    Map<String, List<Route>> grouped = new LinkedHashMap<>();
    routes.stream()
        .sorted(Comparator.comparing(route -> specificity(route.template())))
        .forEach(
            route -> grouped.computeIfAbsent(route.template(), _ -> new ArrayList<>()).add(route));
    return grouped;
  }

  /** Sorts fixed segments before variables, and these before those that span several segments. */
  private static String specificity(String template) {
    StringBuilder key = new StringBuilder();
    for (String segment : template.split("/", -1)) {
      key.append(!segment.startsWith("{") ? '0' : segment.endsWith("...}") ? '2' : '1');
    }
    // Where one template ends and the other goes on, the longer one is the more specific.
    return key.append('3').toString();
  }
}
