package io.noetl.config;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Where the HTTP API listens.
 *
 * @param port 0 for any free one
 * @param publicUrl the address under which others reach this server, when it is not host and port
 * @param corsOrigins origins that browsers may call from; {@code *} for all
 */
public record ServerConfig(
    String host, int port, Optional<String> publicUrl, List<String> corsOrigins) {

  public ServerConfig {
    corsOrigins = List.copyOf(corsOrigins);
    new Checks("server")
        .notBlank("host", host)
        .range("port", port, 0, 65_535)
        .that(
            publicUrl.map(ServerConfig::httpUrl).orElse(true),
            "public-url",
            "Expected an address such as https://noetl.example.org, but got '"
                + publicUrl.orElse("")
                + "'")
        .done();
  }

  static ServerConfig from(Values values) {
    return new ServerConfig(
        values.text("host", "127.0.0.1", "Address on which the API listens; 0.0.0.0 for all"),
        values.integer("port", 8082, "TCP port of the API; 0: any free one"),
        values.optionalText("public-url", "Address under which others reach this server"),
        values.list("cors-origins", List.of(), "Origins that browsers may call from; * for all"));
  }

  /** The values that hold when nothing is set. */
  public static ServerConfig defaults() {
    return from(Values.defaults("server"));
  }

  /** Whether only programs of this machine can reach the API. */
  public boolean loopback() {
    return host.equals("localhost")
        || host.equals("::1")
        || host.equals("[::1]")
        || host.matches("127(\\.\\d{1,3}){3}");
  }

  static boolean httpUrl(String text) {
    try {
      URI uri = URI.create(text);
      return List.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null;
    } catch (IllegalArgumentException e) {
      // Not an address at all.
      return false;
    }
  }
}
