package io.noetl.policy;

import java.util.Set;

/**
 * May this caller do this?
 *
 * @param roles built-in ones and those of a mapping
 * @param method such as {@code POST}
 * @param route its template, such as {@code /api/executions/{id}/cancel}
 */
public record Question(
    String subject, String tenant, Set<String> roles, String method, String route, About about) {
  public Question {
    roles = Set.copyOf(roles);
  }

  /** Which entry of the catalog a request is about. */
  public sealed interface About {}

  /** This one, or an execution of it. */
  public record Entry(String path) implements About {}

  /** Where no path is known. */
  public enum Open implements About {
    /** It is about none: no rule with paths matches. */
    NOTHING,
    /** It may be about any: what is denied about some path is denied, what is allowed is not. */
    ANYTHING,
    /** That will be asked later: a denial is final, everything else is asked again. */
    LATER
  }

  /** The same about an entry. */
  public Question about(String path) {
    return new Question(subject, tenant, roles, method, route, new Entry(path));
  }
}
