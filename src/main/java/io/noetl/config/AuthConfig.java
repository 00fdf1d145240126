package io.noetl.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Who may call.
 *
 * @param allowAnonymous lets mode {@code off} listen on an address that others can reach
 * @param internalToken opens the internal routes; empty: a server answers "not configured" there,
 *     and mode {@code all} makes one up that only its own parts know
 * @param tokensFile who holds which token; needed in mode {@code token}
 * @param tokensRefresh the time between two looks at that file
 * @param gatewaySecret what the front end of mode {@code gateway} signs callers with
 * @param gatewayOldSecret another one that is good as well, while secrets are changed
 * @param gatewayWindow how far the moment of a signature may be from now
 */
public record AuthConfig(
    Mode mode,
    boolean allowAnonymous,
    Secret internalToken,
    Optional<Path> tokensFile,
    Duration tokensRefresh,
    Secret gatewaySecret,
    Secret gatewayOldSecret,
    Duration gatewayWindow) {
  /** Shortest internal token, in characters. */
  public static final int SHORTEST_TOKEN = 16;

  /** Shortest secret of a gateway, in characters. */
  public static final int SHORTEST_SECRET = 32;

  /** How callers prove who they are. */
  public enum Mode {
    /** They do not: every caller is a user and a worker. */
    OFF,
    /** With a bearer token of {@code auth.tokens-file}. */
    TOKEN,
    /** A trusted front end says who they are, in a signed header; workers have tokens. */
    GATEWAY
  }

  public AuthConfig {
    new Checks("auth")
        .that(
            internalToken.isEmpty() || internalToken.reveal().length() >= SHORTEST_TOKEN,
            "internal-token",
            "Expected at least " + SHORTEST_TOKEN + " characters, but it is shorter")
        .that(
            mode != Mode.TOKEN || tokensFile.isPresent(),
            "tokens-file",
            "Expected a file of tokens where auth.mode is token, but none is named")
        .that(
            mode != Mode.GATEWAY || !gatewaySecret.isEmpty(),
            "gateway-secret",
            "Expected a secret where auth.mode is gateway, but there is none")
        .that(
            gatewaySecret.isEmpty() || gatewaySecret.reveal().length() >= SHORTEST_SECRET,
            "gateway-secret",
            "Expected at least " + SHORTEST_SECRET + " characters, but it is shorter")
        .that(
            gatewayOldSecret.isEmpty() || gatewayOldSecret.reveal().length() >= SHORTEST_SECRET,
            "gateway-old-secret",
            "Expected at least " + SHORTEST_SECRET + " characters, but it is shorter")
        .range("gateway-window", gatewayWindow, Duration.ofSeconds(1), Duration.ofMinutes(10))
        .range("tokens-refresh", tokensRefresh, Duration.ofMillis(100), Duration.ofHours(1))
        .done();
  }

  static AuthConfig from(Values values) {
    return new AuthConfig(
        values.choice("mode", Mode.OFF, Mode.class, "How callers prove who they are"),
        values.bool(
            "allow-anonymous", false, "Permit auth.mode off on an address that others can reach"),
        values.secret(
            "internal-token",
            "Bearer token of the internal routes, the same for server and system-pool"),
        values.optionalPath(
            "tokens-file", "JSON with the tokens of mode token; see noetl token new"),
        values.duration(
            "tokens-refresh", Duration.ofSeconds(5), "Time between two looks at that file"),
        values.secret("gateway-secret", "What the front end of mode gateway signs callers with"),
        values.secret(
            "gateway-old-secret", "A second one that is good as well, while secrets are changed"),
        values.duration(
            "gateway-window",
            Duration.ofSeconds(30),
            "How far the moment of such a signature may be from now"));
  }

  /** The values that hold when nothing is set. */
  public static AuthConfig defaults() {
    return from(Values.defaults("auth"));
  }
}
