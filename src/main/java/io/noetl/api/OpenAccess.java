package io.noetl.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Mode {@code off}: every caller is a user and a worker of the default tenant. Internal routes
 * still want their token, on a loopback address too: a page in a browser of that machine reaches it
 * as well.
 */
public final class OpenAccess implements Access {
  /** The tenant of a system without tenants. */
  public static final String DEFAULT_TENANT = "default";

  /** Shortest internal token, in characters. */
  public static final int MIN_TOKEN = 16;

  private static final String BEARER = "Bearer ";
  private static final Caller ANYBODY = new Caller(DEFAULT_TENANT, "anonymous");
  private static final Caller INTERNAL = new Caller(DEFAULT_TENANT, "internal");

  private final String internalToken;

  /**
   * @param internalToken empty when none is configured: internal routes are then not served
   */
  public OpenAccess(String internalToken) {
    if (!internalToken.isEmpty() && internalToken.length() < MIN_TOKEN) {
      throw new IllegalArgumentException(
          "Expected the internal token to have at least "
              + MIN_TOKEN
              + " characters, but it has "
              + internalToken.length());
    }
    this.internalToken = internalToken;
  }

  @Override
  public String mode() {
    return "off";
  }

  @Override
  public Decision decide(@Nullable String authorization, AccessClass wanted) {
    return switch (wanted) {
      case OPEN, USER, WORKER -> new Decision.Granted(ANYBODY);
      case INTERNAL -> internal(authorization);
    };
  }

  private Decision internal(@Nullable String authorization) {
    if (internalToken.isEmpty()) {
      return new Decision.NotConfigured(
          "Internal routes want a token, but the server has none; set auth.internal-token"
              + " (NOETL_AUTH_INTERNAL_TOKEN)");
    }
    if (authorization != null
        && authorization.startsWith(BEARER)
        && same(authorization.substring(BEARER.length()))) {
      return new Decision.Granted(INTERNAL);
    }
    return new Decision.Forbidden("Expected the internal token, but it is missing or wrong");
  }

  /** Takes as long for a wrong token as for the right one. */
  private boolean same(String token) {
    return MessageDigest.isEqual(
        token.getBytes(StandardCharsets.UTF_8), internalToken.getBytes(StandardCharsets.UTF_8));
  }
}
