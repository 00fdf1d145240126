package io.noetl.testing;

import io.noetl.config.DatabaseConfig;
import io.noetl.config.EmbeddedPostgresConfig;
import io.noetl.config.Secret;
import io.noetl.postgres.Database;
import io.noetl.postgres.EmbeddedPostgresServer;
import io.noetl.postgres.Migrations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A real PostgreSQL 18 with fsync on, shared by all tests of the JVM; each test class takes a
 * database of its own, copied from a migrated template.
 *
 * <p>Testcontainers when a container engine answers, or always with {@code
 * NOETL_TEST_POSTGRES=container}; else, or with {@code NOETL_TEST_POSTGRES=embedded}, the embedded
 * server. Which one it was is appended to {@code target/test-servers.txt}.
 */
public final class TestPostgres {
  private static final String TEMPLATE = "noetl_template";
  private static final String IMAGE = "postgres:18";
  private static final AtomicInteger DATABASES = new AtomicInteger();

  /** How long a test polls for something that must come true. */
  public static final Duration PATIENCE = Duration.ofSeconds(20);

  private TestPostgres() {}

  /** Settings of a fresh database with all migrations applied. */
  public static DatabaseConfig migrated() {
    return create(" template " + TEMPLATE);
  }

  /** Settings of a fresh database in which nothing was ever created. */
  public static DatabaseConfig empty() {
    return create("");
  }

  /** An open {@link Database} on a fresh, migrated database; the caller closes it. */
  public static Database open() {
    Database database = new Database(migrated(), "test", null, _ -> {});
    database.start();
    return database;
  }

  /** Which server the tests run on, in words. */
  public static String description() {
    return Shared.SERVER.description();
  }

  private static DatabaseConfig create(String clause) {
    DatabaseConfig server = Shared.SERVER.config();
    String name = "test_" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
    execute(server, "create database " + name + clause);
    return server.at(server.host(), server.port(), name, server.user(), server.password());
  }

  private static void execute(DatabaseConfig config, String sql) {
    try (Connection connection = connect(config);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private static Connection connect(DatabaseConfig config) throws SQLException {
    return DriverManager.getConnection(config.jdbcUrl(), config.user(), config.password().reveal());
  }

  private record Server(DatabaseConfig config, String description) {}

  /** Started by the first test that asks. */
  private static final class Shared {
    private static final Server SERVER = start();

    private static Server start() {
      Server server = containerWanted() ? container() : embedded();
      DatabaseConfig config = server.config();
      execute(config, "create database " + TEMPLATE);
      new Migrations(
              config.at(config.host(), config.port(), TEMPLATE, config.user(), config.password()))
          .migrate(_ -> {});
      TestServers.used(server.description());
      return server;
    }

    private static boolean containerWanted() {
      String wish = System.getenv().getOrDefault("NOETL_TEST_POSTGRES", "auto");
      return switch (wish) {
        case "container" -> true;
        case "embedded" -> false;
        case "auto" ->
            Files.exists(Path.of("/var/run/docker.sock"))
                && DockerClientFactory.instance().isDockerAvailable();
        default ->
            throw new IllegalStateException(
                "Expected NOETL_TEST_POSTGRES to be auto, container or embedded, but it is "
                    + wish);
      };
    }

    private static Server container() {
      PostgreSQLContainer container =
          new PostgreSQLContainer(
                  DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("postgres"))
              .withDatabaseName("noetl")
              .withUsername("noetl")
              .withPassword("noetl")
              // The image's wrapper turns fsync off; this is the server's own command.
              .withCommand("postgres", "-c", "fsync=on");
      container.start();
      Runtime.getRuntime().addShutdownHook(new Thread(container::stop));
      DatabaseConfig config =
          DatabaseConfig.defaults()
              .at(
                  container.getHost(),
                  container.getMappedPort(5432),
                  "noetl",
                  "noetl",
                  new Secret("noetl"));
      return new Server(
          config, "PostgreSQL " + version(config) + " in a container" + fsync(config));
    }

    private static Server embedded() {
      try {
        Path folder = Files.createTempDirectory("noetl-test-postgres-");
        EmbeddedPostgresServer server =
            new EmbeddedPostgresServer(folder, EmbeddedPostgresConfig.defaults());
        server.start();
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      server.close();
                      delete(folder);
                    }));
        DatabaseConfig config = server.database(DatabaseConfig.defaults());
        return new Server(config, "PostgreSQL " + version(config) + " embedded" + fsync(config));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static String version(DatabaseConfig config) {
      return show(config, "server_version").split(" ")[0];
    }

    private static String fsync(DatabaseConfig config) {
      return " (fsync " + show(config, "fsync") + ")";
    }

    private static String show(DatabaseConfig config, String setting) {
      try (Connection connection = connect(config);
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("show " + setting)) {
        row.next();
        return row.getString(1);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    private static void delete(Path folder) {
      try (Stream<Path> paths = Files.walk(folder)) {
        paths
            .sorted(Comparator.reverseOrder())
            .forEach(
                path -> {
                  try {
                    Files.delete(path);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
