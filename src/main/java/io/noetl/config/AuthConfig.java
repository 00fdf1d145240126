package io.noetl.config;

/**
 * Who may call.
 *
 * @param allowAnonymous lets mode {@code off} listen on an address that others can reach
 * @param internalToken opens the internal routes; empty: a server answers "not configured" there,
 *     and mode {@code all} makes one up that only its own parts know
 */
public record AuthConfig(Mode mode, boolean allowAnonymous, Secret internalToken) {
  /** Shortest internal token, in characters. */
  public static final int SHORTEST_TOKEN = 16;

  /** How callers prove who they are. */
  public enum Mode {
    /** They do not: every caller is a user and a worker. */
    OFF
  }

  public AuthConfig {
    new Checks("auth")
        .that(
            internalToken.isEmpty() || internalToken.reveal().length() >= SHORTEST_TOKEN,
            "internal-token",
            "Expected at least " + SHORTEST_TOKEN + " characters, but it is shorter")
        .done();
  }

  static AuthConfig from(Values values) {
    return new AuthConfig(
        values.choice("mode", Mode.OFF, Mode.class, "How callers prove who they are"),
        values.bool(
            "allow-anonymous", false, "Permit auth.mode off on an address that others can reach"),
        values.secret(
            "internal-token",
            "Bearer token of the internal routes, the same for server and system-pool"));
  }

  /** The values that hold when nothing is set. */
  public static AuthConfig defaults() {
    return from(Values.defaults("auth"));
  }
}
