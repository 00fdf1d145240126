package io.noetl.bus;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a NATS server. There is no default address: a transport is configured or absent.
 *
 * @param url one or more addresses, comma separated, such as {@code nats://host:4222}; {@code
 *     tls://} encrypts
 * @param user with {@code password}; null for none
 * @param password with {@code user}; null for none; never printed
 * @param token instead of user and password; null for none; never printed
 * @param credentialsFile instead of user or token; null for none
 * @param connectionName shown by the server's monitoring; not blank
 * @param connectTimeout how long one attempt to connect and {@link Bus#ensureStreams} may wait; 100
 *     ms to 1 min
 * @param requestTimeout how long one answer of the server may take, acknowledgements included; 100
 *     ms to 1 min
 * @param replicas copies of each stream in a cluster, 1 to 5
 * @param limits bounds of streams and publishing
 */
public record NatsConfig(
    String url,
    @Nullable String user,
    @Nullable String password,
    @Nullable String token,
    @Nullable Path credentialsFile,
    String connectionName,
    Duration connectTimeout,
    Duration requestTimeout,
    int replicas,
    BusLimits limits) {

  private static final Duration MIN_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);
  private static final int MAX_REPLICAS = 5;

  public NatsConfig {
    Objects.requireNonNull(limits, "limits");
    if (url.isBlank()) {
      throw new IllegalArgumentException(
          "Expected a url such as nats://host:4222, but it is blank");
    }
    if (connectionName.isBlank()) {
      throw new IllegalArgumentException("Expected a connectionName, but it is blank");
    }
    if ((user == null) != (password == null)) {
      throw new IllegalArgumentException(
          "Expected user and password together, but only one is given");
    }
    int ways = (user == null ? 0 : 1) + (token == null ? 0 : 1) + (credentialsFile == null ? 0 : 1);
    if (ways > 1) {
      throw new IllegalArgumentException(
          "Expected one of user, token and credentialsFile, but %d are given".formatted(ways));
    }
    requireTimeout("connectTimeout", connectTimeout);
    requireTimeout("requestTimeout", requestTimeout);
    if (replicas < 1 || replicas > MAX_REPLICAS) {
      throw new IllegalArgumentException(
          "Expected replicas from 1 to %d, but it is %d".formatted(MAX_REPLICAS, replicas));
    }
  }

  /** No authentication, connect 5 s, request 5 s, one replica, {@link BusLimits#defaults}. */
  public static NatsConfig of(String url) {
    return new NatsConfig(
        url,
        null,
        null,
        null,
        null,
        "noetl",
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        1,
        BusLimits.defaults());
  }

  public NatsConfig withLimits(BusLimits value) {
    return new NatsConfig(
        url,
        user,
        password,
        token,
        credentialsFile,
        connectionName,
        connectTimeout,
        requestTimeout,
        replicas,
        value);
  }

  public NatsConfig withTimeouts(Duration connect, Duration request) {
    return new NatsConfig(
        url,
        user,
        password,
        token,
        credentialsFile,
        connectionName,
        connect,
        request,
        replicas,
        limits);
  }

  /** Without the secrets, those in the address included. */
  @Override
  public String toString() {
    return "NatsConfig[url=%s, user=%s, password=%s, token=%s, credentialsFile=%s, connectionName=%s, connectTimeout=%s, requestTimeout=%s, replicas=%d, limits=%s]"
        .formatted(
            maskedUrl(),
            user,
            mask(password),
            mask(token),
            credentialsFile,
            connectionName,
            connectTimeout,
            requestTimeout,
            replicas,
            limits);
  }

  /** The address without user information. */
  String maskedUrl() {
    return maskAddresses(url);
  }

  /** The text without the user information of any address in it. */
  static String maskAddresses(String text) {
    return text.replaceAll("//[^/,\\s\\]]*@", "//***@");
  }

  private static @Nullable String mask(@Nullable String secret) {
    return secret == null ? null : "***";
  }

  private static void requireTimeout(String name, Duration value) {
    if (value.compareTo(MIN_TIMEOUT) < 0 || value.compareTo(MAX_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "Expected %s from %s to %s, but it is %s"
              .formatted(name, MIN_TIMEOUT, MAX_TIMEOUT, value));
    }
  }
}
