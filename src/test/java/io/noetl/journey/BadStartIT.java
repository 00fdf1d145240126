package io.noetl.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.DatabaseConfig;
import io.noetl.testing.Databases;
import io.noetl.testing.Processes;
import io.noetl.testing.RoleProcess;
import io.noetl.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Starts that cannot work: a sentence that says what to do, exit code 2, nothing left behind. */
class BadStartIT {
  private static final Duration END = Duration.ofSeconds(30);

  private static Processes processes;

  @BeforeAll
  static void open() {
    processes = new Processes("bad-start");
  }

  @AfterAll
  static void close() {
    processes.close();
  }

  /** Its messages, once it has ended with exit code 2 and without a stack trace. */
  private static String refused(TestInfo test, Map<String, String> environment, String... arguments)
      throws IOException {
    Map<String, String> all = new HashMap<>();
    all.put("NOETL_CREDENTIALS_KEY", Processes.SECRET_KEY);
    all.putAll(environment);
    RoleProcess process =
        processes.command(test.getTestMethod().orElseThrow().getName(), all, arguments);
    int exit = process.start().awaitExit(END);
    String said = process.log();
    assertThat(exit).as(said).isEqualTo(2);
    assertThat(said).doesNotContain("\tat ").doesNotContain("Exception");
    assertThat(process.output()).as("stdout").isEmptyFile();
    return said;
  }

  private static Map<String, String> environment(DatabaseConfig database) {
    Map<String, String> environment = new HashMap<>();
    environment.put("POSTGRES_HOST", database.host());
    environment.put("POSTGRES_PORT", Integer.toString(database.port()));
    environment.put("POSTGRES_DB", database.name());
    environment.put("POSTGRES_USER", database.user());
    environment.put("POSTGRES_PASSWORD", database.password().reveal());
    return environment;
  }

  /** Rows that a role writes when it starts; none may stay when it did not. */
  private static void assertUntouched(DatabaseConfig database) throws Exception {
    for (String table : List.of("runtime", "execution", "event_outbox", "command")) {
      assertThat(Databases.count(database, "select count(*) from noetl." + table))
          .as("rows of %s", table)
          .isZero();
    }
    // A number that was given back rests for a while before another process may have it.
    assertThat(
            Databases.count(
                database, "select count(*) from noetl.machine where lease_until > now()"))
        .as("machine numbers held")
        .isZero();
  }

  @Test
  void anUnreachableDatabaseIsNamedWithItsAddress(TestInfo test) throws Exception {
    int nobody = processes.freePort();

    String said =
        refused(
            test,
            Map.of("POSTGRES_HOST", "127.0.0.1", "POSTGRES_PORT", Integer.toString(nobody)),
            "--mode=server",
            "-Ddatabase.start-timeout=1s");

    assertThat(said)
        .contains("Expected to reach PostgreSQL at 127.0.0.1:" + nobody + "/noetl as noetl")
        .contains("POSTGRES_HOST and POSTGRES_PORT");
  }

  @Test
  void aSystemPoolWithoutTheInternalTokenSaysWhatToSet(TestInfo test) throws Exception {
    String said =
        refused(
            test,
            Map.of("NATS_URL", "nats://127.0.0.1:1"),
            "--mode=system-pool",
            "-Dsystem-pool.server-url=http://127.0.0.1:1");

    assertThat(said).contains("auth.internal-token (NOETL_AUTH_INTERNAL_TOKEN)");
  }

  @Test
  void aWrongPasswordIsRefusedAtOnce(TestInfo test) throws Exception {
    Map<String, String> environment = environment(TestPostgres.migrated());
    environment.put("POSTGRES_PASSWORD", "not-the-password");

    // Waiting would not help, so it does not wait the minute that it may.
    String said = refused(test, environment, "--mode=server", "-Ddatabase.start-timeout=60s");

    assertThat(said)
        .contains("the password was refused")
        .contains("POSTGRES_PASSWORD")
        .doesNotContain("not-the-password");
  }

  @Test
  void aDatabaseWithoutSchemaAsksForTheMigration(TestInfo test) throws Exception {
    DatabaseConfig database = TestPostgres.empty();

    String said =
        refused(test, environment(database), "--mode=server", "-Ddatabase.start-timeout=1s");

    assertThat(said).contains("migrate");
    assertThat(
            Databases.count(database, "select count(*) from pg_namespace where nspname = 'noetl'"))
        .as("schemas made")
        .isZero();
  }

  @Test
  void aSchemaOfANewerProgramIsLeftAlone(TestInfo test) throws Exception {
    DatabaseConfig database = TestPostgres.migrated();
    Databases.execute(
        database,
        """
        insert into noetl.flyway_schema_history
            (installed_rank, version, description, type, script, installed_by, execution_time,
             success)
        values (9999, '9999', 'from the future', 'SQL', 'V9999__from_the_future.sql', 'test', 1,
                true)
        """);

    assertThat(refused(test, environment(database), "--mode=server")).contains("9999");

    assertUntouched(database);
  }

  @Test
  void anOccupiedApiPortIsNamedAndNothingStays(TestInfo test) throws Exception {
    DatabaseConfig database = TestPostgres.migrated();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String said =
          refused(
              test,
              environment(database),
              "--mode=server",
              "-Dserver.port=" + taken.getLocalPort());

      assertThat(said).contains("127.0.0.1:" + taken.getLocalPort()).contains("server.port");
    }
    assertUntouched(database);
  }

  @Test
  void anOccupiedMetricsPortIsNamedWithItsOwnSetting(TestInfo test) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String said =
          refused(
              test,
              Map.of("NATS_URL", "nats://127.0.0.1:" + processes.freePort()),
              "--mode=worker",
              "-Dworker.server-url=http://127.0.0.1:1",
              "-Dmetrics.port=" + taken.getLocalPort());

      assertThat(said)
          .contains("127.0.0.1:" + taken.getLocalPort())
          .contains("metrics.port")
          .doesNotContain("server.port");
    }
  }

  @Test
  void aDataFolderOfANewerPostgresIsLeftAlone(TestInfo test, @TempDir Path folder)
      throws Exception {
    Path data = Files.createDirectories(folder.resolve("postgres").resolve("data"));
    Files.writeString(data.resolve("PG_VERSION"), "99\n");
    Files.writeString(data.resolve("precious"), "do not touch");
    Files.writeString(folder.resolve("postgres").resolve("password"), "secret\n");
    List<String> before = tree(folder);

    String said =
        refused(test, Map.of(), "--mode=all", "-Ddata.folder=" + folder, "-Dserver.port=0");

    assertThat(said).contains("written by PostgreSQL 99").contains("--data");
    assertThat(tree(folder)).as("files").isEqualTo(before);
  }

  private static List<String> tree(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      List<String> files = new ArrayList<>();
      for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
        // The lock is how two processes keep off each other's folder.
        if (!path.endsWith("lock")) {
          files.add(folder.relativize(path) + " " + Files.readString(path));
        }
      }
      return files;
    }
  }

  @Test
  void unknownSettingsAreNamedAllAtOnceWithTheNearestKnownOne(TestInfo test, @TempDir Path folder)
      throws Exception {
    Path file = Files.writeString(folder.resolve("noetl.properties"), "server.prot=1\n");

    String said =
        refused(
            test,
            Map.of("NOETL_WORKER_SLOT", "3"),
            "--mode=server",
            "--config=" + file,
            "-Ddatabase.hots=x");

    assertThat(said)
        .contains("server.prot")
        .contains("did you mean server.port?")
        .contains("NOETL_WORKER_SLOT")
        .contains("did you mean NOETL_WORKER_SLOTS?")
        .contains("database.hots")
        .contains("did you mean database.host?");
  }

  @Test
  void aRoleThatNeedsTheBusSaysWhichSettingIsMissing(TestInfo test) throws Exception {
    assertThat(refused(test, Map.of(), "--mode=worker", "-Dworker.server-url=http://127.0.0.1:1"))
        .contains("worker needs NATS: set bus.url (NATS_URL)");
  }

  @Test
  void aWorkerWithoutServerSaysWhichSettingIsMissing(TestInfo test) throws Exception {
    assertThat(refused(test, Map.of("NATS_URL", "nats://127.0.0.1:1"), "--mode=worker"))
        .contains("worker.server-url");
  }

  @Test
  void aServerWithoutDatabaseSaysWhichSettingIsMissing(TestInfo test) throws Exception {
    assertThat(refused(test, Map.of(), "--mode=server")).contains("POSTGRES_HOST");
  }

  @Test
  void aServerWithoutAKeyForSecretsIsToldHowToMakeOne(TestInfo test) throws Exception {
    DatabaseConfig database = TestPostgres.migrated();
    Map<String, String> environment = environment(database);
    environment.put("NOETL_CREDENTIALS_KEY", "");

    assertThat(refused(test, environment, "--mode=server"))
        .contains("set credentials.key (NOETL_CREDENTIALS_KEY)")
        .contains("openssl rand -base64 32");

    assertUntouched(database);
  }

  @Test
  void aKeyForSecretsOfTheWrongLengthIsNotShown(TestInfo test) throws Exception {
    assertThat(refused(test, Map.of("NOETL_CREDENTIALS_KEY", "c2hvcnQ="), "--mode=server"))
        .contains("credentials.key")
        .contains("Expected 32 bytes in base64")
        .doesNotContain("c2hvcnQ=");
  }

  @Test
  void anUnknownModeIsAnsweredWithTheKnownOnes(TestInfo test) throws Exception {
    assertThat(refused(test, Map.of(), "--mode=sever")).contains("server, publisher, projector");
  }
}
