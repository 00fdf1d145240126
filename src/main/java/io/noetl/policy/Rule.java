package io.noetl.policy;

import java.util.List;
import java.util.Set;

/**
 * One rule. An empty list or set stands for any; a rule with paths holds only where a path is
 * known.
 *
 * @param name in every refusal that it causes
 * @param roles of which the caller needs one
 * @param methods in upper case
 * @param routes patterns of templates
 * @param paths patterns of paths of the catalog
 */
public record Rule(
    String name,
    Effect effect,
    Set<String> roles,
    List<Glob> subjects,
    Set<String> tenants,
    Set<String> methods,
    List<Glob> routes,
    List<Glob> paths) {
  public Rule {
    roles = Set.copyOf(roles);
    subjects = List.copyOf(subjects);
    tenants = Set.copyOf(tenants);
    methods = Set.copyOf(methods);
    routes = List.copyOf(routes);
    paths = List.copyOf(paths);
  }

  boolean isOf(String method, String route) {
    return (methods.isEmpty() || methods.contains(method)) && matches(routes, route);
  }

  boolean isFor(Question question) {
    return (roles.isEmpty() || question.roles().stream().anyMatch(roles::contains))
        && (tenants.isEmpty() || tenants.contains(question.tenant()))
        && matches(subjects, question.subject());
  }

  boolean isAbout(String path) {
    return matches(paths, path);
  }

  static boolean matches(List<Glob> patterns, String value) {
    if (patterns.isEmpty()) {
      return true;
    }
    for (Glob pattern : patterns) {
      if (pattern.matches(value)) {
        return true;
      }
    }
    return false;
  }
}
