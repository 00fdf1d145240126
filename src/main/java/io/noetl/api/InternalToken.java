package io.noetl.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The token that the parts of an installation share. Whoever holds it may name a tenant.
 *
 * @param token empty when none is configured: internal routes are then not served
 */
record InternalToken(String token) {
  /** Shortest token, in characters. */
  static final int SHORTEST = 16;

  static final String BEARER = "Bearer ";

  InternalToken {
    if (!token.isEmpty() && token.length() < SHORTEST) {
      throw new IllegalArgumentException(
          "Expected the internal token to have at least "
              + SHORTEST
              + " characters, but it has "
              + token.length());
    }
  }

  Access.Decision decide(Access.Headers headers) {
    if (token.isEmpty()) {
      return new Access.Decision.NotConfigured(
          "Internal routes want a token, but the server has none; set auth.internal-token"
              + " (NOETL_AUTH_INTERNAL_TOKEN)");
    }
    if (!isIn(headers)) {
      return new Access.Decision.Forbidden(
          "Expected the internal token, but it is missing or wrong");
    }
    String named = headers.first(Access.TENANT_HEADER);
    if (named != null && !Access.TENANT.matcher(named).matches()) {
      return unreadable(named);
    }
    return new Access.Decision.Granted(
        new Caller(
            named == null ? Access.DEFAULT_TENANT : named,
            "internal",
            Caller.Reach.EVERY_TENANT,
            true,
            true,
            Set.of("internal")));
  }

  static Access.Decision unreadable(String tenant) {
    return new Access.Decision.Forbidden(
        "Expected "
            + Access.TENANT_HEADER
            + " of 1 to 64 of A-Z a-z 0-9 _ -, but got "
            + tenant.length()
            + " characters that are not");
  }

  /** The bearer token of a request, or null. */
  static @Nullable String bearer(Access.Headers headers) {
    String authorization = headers.first("Authorization");
    return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? authorization.substring(BEARER.length()).strip()
        : null;
  }

  /** Takes as long for a wrong token as for the right one. */
  boolean isIn(Access.Headers headers) {
    String sent = bearer(headers);
    return sent != null
        && !token.isEmpty()
        && MessageDigest.isEqual(
            sent.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }
}
