package io.noetl.tool.http;

import java.time.Duration;
import java.util.Set;

/**
 * Settings of the http tool.
 *
 * @param timeout {@code http.timeout}: limit of a call that names none; default 30 s
 * @param bodyLimit {@code http.body-limit}: most bytes of a response body, after decompression;
 *     default 64 MiB
 * @param maxRedirects {@code http.max-redirects}: redirects that one call follows; default 10
 * @param denyInternal {@code http.deny-internal}: whether calls to addresses that are not on the
 *     public internet are refused; default false
 * @param allowedHosts {@code http.allowed-hosts}: lower-case host names that may be called although
 *     their addresses are internal; default none
 */
public record HttpSettings(
    Duration timeout,
    int bodyLimit,
    int maxRedirects,
    boolean denyInternal,
    Set<String> allowedHosts) {

  public static final HttpSettings DEFAULT =
      new HttpSettings(Duration.ofSeconds(30), 64 << 20, 10, false, Set.of());

  public HttpSettings {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "Expected http.timeout to be positive, but it is " + timeout);
    }
    if (bodyLimit < 1 || maxRedirects < 0) {
      throw new IllegalArgumentException(
          "Expected http.body-limit to be positive and http.max-redirects not negative, but they"
              + " are "
              + bodyLimit
              + " and "
              + maxRedirects);
    }
    allowedHosts = Set.copyOf(allowedHosts);
  }

  public HttpSettings withBodyLimit(int bytes) {
    return new HttpSettings(timeout, bytes, maxRedirects, denyInternal, allowedHosts);
  }

  public HttpSettings withDenyInternal(boolean deny, Set<String> hosts) {
    return new HttpSettings(timeout, bodyLimit, maxRedirects, deny, hosts);
  }
}
