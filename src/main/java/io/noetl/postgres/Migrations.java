package io.noetl.postgres;

import io.noetl.config.DatabaseConfig;
import io.noetl.postgres.DatabaseException.Kind;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateResult;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The numbered files {@code migrations/V0001__what_it_does.sql} and the database they are applied
 * to. Forward only. Applying is an explicit step under a lock, never a side effect of starting.
 *
 * <p>The check reads the history table with one statement; Flyway is loaded only when something is
 * to be applied, because loading it costs a good part of a start.
 */
public final class Migrations {
  private static final String FOLDER = "migrations";
  private static final String SCHEMA = "noetl";
  private static final String HISTORY = "flyway_schema_history";
  private static final String APPLICATION = "noetl-migrate";
  private static final Pattern FILE = Pattern.compile("V(\\d{4})__[a-z0-9_]+\\.sql");

  private final DatabaseConfig config;

  public Migrations(DatabaseConfig config) {
    this.config = config;
  }

  /** Highest number among the files that this program brings. */
  public static int newest() {
    return numbers().getLast();
  }

  /**
   * Highest number applied to the database, 0 for none.
   *
   * @throws DatabaseException when it cannot be read
   */
  public int applied() {
    try (Connection connection = Database.connect(config, APPLICATION)) {
      return applied(connection);
    } catch (SQLException e) {
      throw DatabaseErrors.of(e, config);
    }
  }

  /** Numbers of the files not yet applied, in order. */
  public List<Integer> pending() {
    int applied = applied();
    return numbers().stream().filter(number -> number > applied).toList();
  }

  /**
   * @throws DatabaseException when the schema is behind or newer than this program, with what to do
   */
  public void check() {
    check(applied());
  }

  /** As {@link #check()}, for a number that {@link #applied} gave. */
  private void check(int applied) {
    int newest = newest();
    if (applied < newest) {
      throw new DatabaseException(
          Kind.SCHEMA_BEHIND,
          "Expected schema version "
              + newest
              + " in "
              + config.place()
              + ", but it is "
              + (applied == 0 ? "empty" : "at " + applied)
              + ": run `noetl migrate` or start with --migrate");
    }
    if (applied > newest) {
      throw new DatabaseException(
          Kind.SCHEMA_NEWER,
          "Expected schema version "
              + newest
              + " in "
              + config.place()
              + ", but it is at "
              + applied
              + ": the database was written by a newer version of noetl. Use that version");
    }
  }

  /**
   * Waits for the server, at most {@code database.start-timeout}, and applies what is pending. Of
   * several processes that do this at once, one applies and the others find nothing left to do.
   *
   * @param waiting told each new reason for waiting
   * @return how many files were applied
   * @throws DatabaseException when the database is newer than this program or a file fails; a file
   *     that fails leaves nothing behind
   */
  public int migrate(Consumer<String> waiting) {
    Database.awaitServer(config, APPLICATION, waiting);
    int applied = applied();
    if (applied >= newest()) {
      check(applied);
      return 0;
    }
    return applyPending();
  }

  private int applyPending() {
    try {
      MigrateResult result =
          Flyway.configure(Migrations.class.getClassLoader())
              .dataSource(unhurried())
              .locations("classpath:" + FOLDER)
              .schemas(SCHEMA)
              .defaultSchema(SCHEMA)
              .table(HISTORY)
              .installedBy(config.user())
              .validateMigrationNaming(true)
              .cleanDisabled(true)
              .load()
              .migrate();
      return result.migrationsExecuted;
    } catch (FlywayException e) {
      throw new DatabaseException(
          Kind.FAILED,
          "Expected to bring "
              + config.place()
              + " to schema version "
              + newest()
              + ", but "
              + e.getMessage(),
          e,
          null,
          null,
          false);
    }
  }

  /** Connections without time limits: a migration takes as long as it takes. */
  private DataSource unhurried() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(config.jdbcUrl());
    try {
      for (Map.Entry<String, String> property :
          Database.properties(config, APPLICATION).entrySet()) {
        source.setProperty(property.getKey(), property.getValue());
      }
    } catch (SQLException e) {
      throw DatabaseErrors.of(e, config);
    }
    source.setSocketTimeout(0);
    source.setOptions("-c statement_timeout=0 -c timezone=UTC");
    return source;
  }

  private static int applied(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery("select to_regclass('%s.%s')".formatted(SCHEMA, HISTORY))) {
        row.next();
        if (row.getString(1) == null) {
          return 0;
        }
      }
      try (ResultSet row =
          statement.executeQuery(
              "select coalesce(max(version::int), 0) from %s.%s where success and version is not null"
                  .formatted(SCHEMA, HISTORY))) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  /** Numbers of the files on the class path, in order; read from the jar's or folder's listing. */
  private static List<Integer> numbers() {
    TreeSet<Integer> numbers = new TreeSet<>();
    for (String name : files()) {
      Matcher matcher = FILE.matcher(name);
      if (!matcher.matches()) {
        throw new IllegalStateException(
            "Expected migrations named " + FILE.pattern() + ", but found " + name);
      }
      if (!numbers.add(Integer.parseInt(matcher.group(1)))) {
        throw new IllegalStateException(
            "Expected one migration per number, but " + name + " repeats");
      }
    }
    if (numbers.isEmpty()) {
      throw new IllegalStateException("Expected migrations on the class path, but there are none");
    }
    return List.copyOf(numbers);
  }

  private static List<String> files() {
    URL folder = Migrations.class.getClassLoader().getResource(FOLDER);
    if (folder == null) {
      return List.of();
    }
    try {
      URLConnection connection = folder.openConnection();
      return connection instanceof JarURLConnection jar ? inJar(jar) : inFolder(folder.toURI());
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("Expected to list " + folder + ", but " + e.getMessage(), e);
    }
  }

  private static List<String> inJar(JarURLConnection jar) throws IOException {
    List<String> names = new ArrayList<>();
    String prefix = FOLDER + "/";
    // Not closed: the class loader shares this jar file.
    jar.getJarFile().stream()
        .map(entry -> entry.getName())
        .filter(name -> name.startsWith(prefix) && name.endsWith(".sql"))
        .forEach(name -> names.add(name.substring(prefix.length())));
    return names;
  }

  private static List<String> inFolder(URI folder) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.toLowerCase(Locale.ROOT).endsWith(".sql"))
          .toList();
    }
  }
}
