package io.noetl.config;

import java.nio.file.Path;

/**
 * Where mode {@code all} keeps what must survive a restart.
 *
 * @param folder of the embedded PostgreSQL and of a nats-server that this process starts
 */
public record DataConfig(Path folder) {
  static DataConfig from(Values values) {
    return new DataConfig(
        values.path(
            "folder", Path.of(".noetl"), "Data of the servers that mode all brings by itself"));
  }

  /** The values that hold when nothing is set. */
  public static DataConfig defaults() {
    return from(Values.defaults("data"));
  }
}
