package io.noetl.config;

/**
 * The metrics endpoint of roles without an API; the server serves them on its own port.
 *
 * @param host address on which it listens
 * @param port 0 for any free one
 */
public record MetricsConfig(String host, int port) {

  public MetricsConfig {
    new Checks("metrics").notBlank("host", host).range("port", port, 0, 65_535).done();
  }

  static MetricsConfig from(Values values) {
    return new MetricsConfig(
        values.text("host", "127.0.0.1", "Address of the metrics endpoint"),
        values.integer("port", 9090, "Port of the metrics endpoint; 0: any free one"));
  }

  /** The values that hold when nothing is set. */
  public static MetricsConfig defaults() {
    return from(Values.defaults("metrics"));
  }
}
