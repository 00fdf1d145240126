package io.noetl.testing;

import io.noetl.config.DatabaseConfig;
import io.noetl.config.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Looks at databases from outside, as an operator would. */
public final class Databases {
  private static final int PORT_LINE = 3;

  private Databases() {}

  /** The database of an embedded server that runs on this folder. */
  public static DatabaseConfig embeddedIn(Path folder) {
    try {
      List<String> lines = Files.readAllLines(folder.resolve("data").resolve("postmaster.pid"));
      String password = Files.readString(folder.resolve("password")).strip();
      return DatabaseConfig.defaults()
          .at(
              "127.0.0.1",
              Integer.parseInt(lines.get(PORT_LINE).strip()),
              "noetl",
              "noetl",
              new Secret(password));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number that a query comes to. */
  public static long count(DatabaseConfig database, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                database.jdbcUrl(), database.user(), database.password().reveal());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Runs a statement. */
  public static void execute(DatabaseConfig database, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                database.jdbcUrl(), database.user(), database.password().reveal());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
