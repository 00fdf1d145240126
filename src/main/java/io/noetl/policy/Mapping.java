package io.noetl.policy;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns what is known of callers into tenant and roles. Every entry that matches adds its roles;
 * the first that names a tenant gives it. Immutable.
 */
public record Mapping(List<Entry> entries) {
  /** Nobody gets anything. */
  public static final Mapping NONE = new Mapping(List.of());

  public Mapping {
    entries = List.copyOf(entries);
  }

  /**
   * Whom it is for, and what they get. An empty list, set or map stands for any.
   *
   * @param groups of which the caller needs one
   * @param claims that the caller needs, all of them, with these values
   * @param tenant null = says nothing about it
   */
  public record Entry(
      String name,
      List<Glob> subjects,
      Set<String> groups,
      Map<String, String> claims,
      @Nullable String tenant,
      Set<String> roles) {
    public Entry {
      subjects = List.copyOf(subjects);
      groups = Set.copyOf(groups);
      claims = Map.copyOf(claims);
      roles = Set.copyOf(roles);
    }

    boolean isFor(Claims caller) {
      return Rule.matches(subjects, caller.subject())
          && (groups.isEmpty() || caller.groups().stream().anyMatch(groups::contains))
          && caller.claims().entrySet().containsAll(claims.entrySet());
    }
  }

  /**
   * What a caller gets.
   *
   * @param tenant null = none
   */
  public record Given(@Nullable String tenant, Set<String> roles) {
    public Given {
      roles = Set.copyOf(roles);
    }
  }

  public Given of(Claims caller) {
    String tenant = null;
    Set<String> roles = new LinkedHashSet<>();
    for (Entry entry : entries) {
      if (entry.isFor(caller)) {
        tenant = tenant == null ? entry.tenant() : tenant;
        roles.addAll(entry.roles());
      }
    }
    return new Given(tenant, roles);
  }
}
