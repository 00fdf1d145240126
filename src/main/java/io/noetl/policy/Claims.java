package io.noetl.policy;

import java.util.Map;
import java.util.Set;

/**
 * What is known of a caller besides its token or signature being right.
 *
 * @param claims names and values that whoever let it in vouches for
 */
public record Claims(String subject, Set<String> groups, Map<String, String> claims) {
  public Claims {
    groups = Set.copyOf(groups);
    claims = Map.copyOf(claims);
  }
}
