package io.noetl.postgres;

import io.noetl.config.DatabaseConfig;
import io.noetl.config.EmbeddedPostgresConfig;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;

/** A process of its own with an embedded server, for a test that kills it. */
final class EmbeddedServerProcess {
  private EmbeddedServerProcess() {}

  public static void main(String[] arguments) throws Exception {
    EmbeddedPostgresServer server =
        new EmbeddedPostgresServer(Path.of(arguments[0]), EmbeddedPostgresConfig.defaults());
    server.start();
    try (Connection connection =
            Database.connect(server.database(DatabaseConfig.defaults()), "test");
        Statement statement = connection.createStatement()) {
      statement.execute("create table survivor as select 42 as answer");
    }
    System.out.println("pid " + server.pid());
    System.in.read();
  }
}
