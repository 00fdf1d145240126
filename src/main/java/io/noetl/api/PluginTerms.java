package io.noetl.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a grant is limited to. Pure; a term that is missing grants nothing. */
final class PluginTerms {
  private static final String NAMES = "names";
  private static final String PREFIX = "prefix";
  private static final String CREDENTIAL = "credential";

  private PluginTerms() {}

  /**
   * Refuses terms that a person could misread as more or less than they are.
   *
   * @throws Problem.Refusal 422 with the member that is wrong
   */
  static void check(Map<String, Map<String, @Nullable Object>> grants) {
    for (Map.Entry<String, Map<String, @Nullable Object>> grant : grants.entrySet()) {
      check(grant.getKey(), grant.getValue());
    }
  }

  private static void check(String capability, Map<String, @Nullable Object> terms) {
    switch (capability) {
      case "host_get_credential", "host_system_call" -> {
        if (names(terms).isEmpty()) {
          throw Members.fault(
              "grants." + capability + "." + NAMES, "Expected a list of exact names, but got none");
        }
      }
      case "host_mutate_catalog" -> {
        if (!(terms.get(PREFIX) instanceof String prefix)
            || prefix.length() < 2
            || !prefix.endsWith("/")
            || prefix.startsWith("/")) {
          throw Members.fault(
              "grants.host_mutate_catalog.prefix",
              "Expected the beginning of a path that ends in a slash, such as generated/");
        }
      }
      case "host_query_pg" -> {
        if (!(terms.get(CREDENTIAL) instanceof String name) || name.isBlank()) {
          throw Members.fault(
              "grants.host_query_pg.credential", "Expected the name of a credential");
        }
      }
      default -> {
        if (!terms.isEmpty()) {
          throw Members.fault("grants." + capability, "Expected no terms, but got some");
        }
      }
    }
  }

  /** Whether the grant names exactly this: no pattern, no other case. */
  static boolean names(Map<String, @Nullable Object> terms, String name) {
    return names(terms).contains(name);
  }

  /** Whether the path lies below the grant's prefix. */
  static boolean below(Map<String, @Nullable Object> terms, String path) {
    return terms.get(PREFIX) instanceof String prefix
        && path.startsWith(prefix)
        && path.length() > prefix.length()
        && !List.of(path.split("/", -1)).contains("..");
  }

  /** The credential that the grant names. */
  static Optional<String> credential(Map<String, @Nullable Object> terms) {
    return terms.get(CREDENTIAL) instanceof String name && !name.isBlank()
        ? Optional.of(name)
        : Optional.empty();
  }

  private static List<String> names(Map<String, @Nullable Object> terms) {
    return terms.get(NAMES) instanceof List<?> list
        ? list.stream()
            .filter(String.class::isInstance)
            .map(String.class::cast)
            .filter(name -> !name.isBlank())
            .toList()
        : List.of();
  }
}
