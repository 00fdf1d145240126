package io.noetl.config;

import java.time.Duration;
import java.util.List;

/**
 * The http tool of a worker.
 *
 * @param timeout limit of a call that names none
 * @param bodyLimit most bytes of a response body, after decompression
 * @param maxRedirects redirects that one call follows
 * @param denyInternal whether calls to addresses that are not on the public internet are refused
 * @param allowedHosts host names that may be called although their addresses are internal
 */
public record HttpConfig(
    Duration timeout,
    long bodyLimit,
    int maxRedirects,
    boolean denyInternal,
    List<String> allowedHosts) {

  public HttpConfig {
    allowedHosts = List.copyOf(allowedHosts);
    new Checks("http")
        .range("timeout", timeout, Duration.ofMillis(1), Duration.ofHours(24))
        .bytes("body-limit", bodyLimit, 1, 1L << 30)
        .range("max-redirects", maxRedirects, 0, 100)
        .done();
  }

  static HttpConfig from(Values values) {
    return new HttpConfig(
        values.duration("timeout", Duration.ofSeconds(30), "Limit of a call that names none"),
        values.bytes("body-limit", 64L << 20, "Most bytes of a response body"),
        values.integer("max-redirects", 10, "Redirects that one call follows"),
        values.bool("deny-internal", false, "Refuse addresses outside the public internet"),
        values.list("allowed-hosts", List.of(), "Hosts that may be called although internal"));
  }

  /** The values that hold when nothing is set. */
  public static HttpConfig defaults() {
    return from(Values.defaults("http"));
  }
}
