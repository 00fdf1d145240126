package io.noetl.api;

/**
 * Mode {@code off}: every caller is a user and a worker of the default tenant. Internal routes
 * still want their token, on a loopback address too: a page in a browser of that machine reaches it
 * as well.
 */
public final class OpenAccess implements Access {
  private static final Caller ANYBODY = new Caller(DEFAULT_TENANT, "anonymous");

  private final InternalToken internal;

  /**
   * @param internalToken empty when none is configured: internal routes are then not served
   * @throws IllegalArgumentException when it is too short
   */
  public OpenAccess(String internalToken) {
    this.internal = new InternalToken(internalToken);
  }

  @Override
  public String mode() {
    return "off";
  }

  @Override
  public Decision decide(Headers headers, AccessClass wanted) {
    return switch (wanted) {
      case OPEN, USER, WORKER, SHARED -> new Decision.Granted(ANYBODY);
      case OPERATOR, INTERNAL -> internal.decide(headers);
    };
  }
}
