package io.noetl.api;

import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who holds a token, and what for. The token itself is known to its holder only.
 *
 * @param subject who it is, for records of what was done
 * @param tenant whose data; {@link Access#EVERY_TENANT}: of the tenant that a request names
 * @param groups what a mapping may know the holder by
 * @param expires the time from which it is worth nothing; null = never
 */
public record Token(
    String subject, String tenant, Set<Role> roles, Set<String> groups, @Nullable Instant expires) {
  private static final int LONGEST_SUBJECT = 200;

  /** Most groups of one token. */
  static final int MOST_GROUPS = 100;

  /** A holder who is in no groups. */
  public Token(String subject, String tenant, Set<Role> roles, @Nullable Instant expires) {
    this(subject, tenant, roles, Set.of(), expires);
  }

  /** What the holder of a token does. */
  public enum Role {
    USER,
    WORKER,
    /** Everything of a user; of every tenant: also the routes for whoever runs the installation. */
    OPERATOR;

    /** As tokens files write it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws IllegalArgumentException when a member is not as it must be
   */
  public Token {
    roles = Set.copyOf(roles);
    groups = Set.copyOf(groups);
    if (groups.size() > MOST_GROUPS) {
      throw new IllegalArgumentException(
          "Expected at most " + MOST_GROUPS + " groups, but got " + groups.size());
    }
    if (subject.isBlank() || subject.length() > LONGEST_SUBJECT) {
      throw new IllegalArgumentException(
          "Expected subject of 1 to "
              + LONGEST_SUBJECT
              + " characters, but it has "
              + subject.length());
    }
    if (!tenant.equals(Access.EVERY_TENANT) && !Access.TENANT.matcher(tenant).matches()) {
      throw new IllegalArgumentException(
          "Expected tenant '*' or 1 to 64 of A-Z a-z 0-9 _ -, but got '" + tenant + "'");
    }
    if (roles.isEmpty()) {
      throw new IllegalArgumentException("Expected a role: user, worker or operator");
    }
  }

  boolean everyTenant() {
    return tenant.equals(Access.EVERY_TENANT);
  }

  /** Whether the holder runs the whole installation. */
  boolean repairs() {
    return has(Role.OPERATOR) && everyTenant();
  }

  /** The words of its roles. */
  Set<String> words() {
    return roles.stream().map(Role::word).collect(Collectors.toUnmodifiableSet());
  }

  boolean has(Role role) {
    return roles.contains(role);
  }
}
