package io.noetl.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.config.DatabaseConfig;
import io.noetl.config.Secret;
import io.noetl.postgres.Database.Pool;
import io.noetl.postgres.DatabaseException.Kind;
import io.noetl.testing.TestPostgres;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DatabaseIT {
  private static Database database;

  @BeforeAll
  static void open() {
    database = TestPostgres.open();
    database.transaction(
        Pool.APPEND,
        connection -> execute(connection, "create table item (n int constraint item_n unique)"));
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @Test
  void commitsWhatTheWorkDid() {
    database.transaction(
        Pool.APPEND, connection -> execute(connection, "insert into item values (1)"));

    assertThat(count(1)).isEqualTo(1);
  }

  @Test
  void rollsBackWhenTheWorkThrows() {
    assertThatThrownBy(
            () ->
                database.transaction(
                    Pool.APPEND,
                    connection -> {
                      execute(connection, "insert into item values (2)");
                      throw new IllegalStateException("stop");
                    }))
        .isInstanceOf(IllegalStateException.class);

    assertThat(count(2)).isZero();
  }

  @Test
  void namesTheConstraintThatSaidNo() {
    assertThatThrownBy(
            () ->
                database.transaction(
                    Pool.APPEND,
                    connection -> execute(connection, "insert into item values (3), (3)")))
        .isInstanceOfSatisfying(
            DatabaseException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.CONSTRAINT);
              assertThat(e.constraint()).contains("item_n");
              assertThat(e.retryable()).isFalse();
              assertThat(e.getMessage()).doesNotContain("insert into");
            });
  }

  @Test
  void tellsTheServerWhichRoleAndPoolAConnectionBelongsTo() {
    assertThat(read(Pool.READ, "show application_name")).isEqualTo("noetl-test-read");
    assertThat(read(Pool.BACKGROUND, "show application_name")).isEqualTo("noetl-test-background");
    assertThat(read(Pool.APPEND, "show statement_timeout")).isEqualTo("30s");
  }

  @Test
  void keepsTheHotPathFreeWhenEveryReadConnectionIsTaken() throws Exception {
    int reads = database.config().readConnections();
    CountDownLatch taken = new CountDownLatch(reads);
    CountDownLatch release = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < reads; i++) {
        threads.submit(
            () ->
                database.autocommit(
                    Pool.READ,
                    _ -> {
                      taken.countDown();
                      return await(release);
                    }));
      }
      taken.await();

      assertThat(database.status(Pool.READ).available()).isZero();
      assertThat(read(Pool.APPEND, "select 1")).isEqualTo("1");
      release.countDown();
    }
  }

  @Test
  void endsAStatementThatTakesTooLong() {
    assertThatThrownBy(
            () ->
                database.transaction(
                    Pool.READ,
                    c -> {
                      execute(c, "set local statement_timeout = 20");
                      return execute(c, "select pg_sleep(10)");
                    }))
        .isInstanceOfSatisfying(
            DatabaseException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMEOUT));
  }

  @Test
  void saysWhichDatabaseIsMissing() {
    DatabaseConfig right = database.config();
    DatabaseConfig wrong =
        right.at(right.host(), right.port(), "no_such", right.user(), right.password());

    assertThatThrownBy(() -> new Database(wrong, "test", null, _ -> {}).start())
        .isInstanceOfSatisfying(
            DatabaseException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MISSING_DATABASE))
        .hasMessageContaining("Expected database 'no_such'")
        .hasMessageContaining("POSTGRES_DB");
  }

  @Test
  void refusesAWrongPasswordAtOnce() {
    DatabaseConfig right = database.config();
    DatabaseConfig wrong =
        right.at(right.host(), right.port(), right.name(), right.user(), new Secret("nope"));

    assertThatThrownBy(() -> new Database(wrong, "test", null, _ -> {}).start())
        .isInstanceOfSatisfying(
            DatabaseException.class, e -> assertThat(e.kind()).isEqualTo(Kind.WRONG_PASSWORD));
  }

  @Test
  void waitsForAServerThatIsNotThereAndThenSaysSo() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = socket.getLocalPort();
    }
    List<String> reasons = new ArrayList<>();
    DatabaseConfig config = withStartTimeout(port, Duration.ofMillis(300));

    assertThatThrownBy(() -> new Database(config, "test", null, reasons::add).start())
        .isInstanceOfSatisfying(
            DatabaseException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
              assertThat(e.retryable()).isTrue();
            })
        .hasMessageContaining("127.0.0.1:" + port)
        .hasMessageContaining("nothing listens there")
        .hasMessageContaining("Is it running");

    assertThat(reasons).hasSize(1);
  }

  @Test
  void refusesAServerThatAcknowledgesBeforeItSyncs() {
    DatabaseConfig config = TestPostgres.migrated();
    database.autocommit(
        Pool.BACKGROUND,
        c -> execute(c, "alter database " + config.name() + " set synchronous_commit = off"));

    assertThatThrownBy(() -> new Database(config, "test", null, _ -> {}).start())
        .isInstanceOfSatisfying(
            DatabaseException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNFIT_SERVER))
        .hasMessageContaining("with synchronous_commit on, but it is off");
  }

  @Test
  void reportsABrokenConnectionAsUnreachable() {
    assertThatThrownBy(
            () ->
                database.transaction(
                    Pool.APPEND, c -> execute(c, "select pg_terminate_backend(pg_backend_pid())")))
        .isInstanceOfSatisfying(
            DatabaseException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));

    assertThat(database.answers()).isTrue();
  }

  private static DatabaseConfig withStartTimeout(int port, Duration timeout) {
    DatabaseConfig d = DatabaseConfig.defaults();
    return new DatabaseConfig(
        "127.0.0.1",
        port,
        d.name(),
        d.user(),
        d.password(),
        d.sslMode(),
        1,
        1,
        1,
        d.connectionTimeout(),
        d.socketTimeout(),
        d.statementTimeout(),
        timeout);
  }

  private static String read(Pool pool, String sql) {
    return database.autocommit(pool, c -> first(c, sql));
  }

  private static int count(int n) {
    return Integer.parseInt(
        database.autocommit(Pool.READ, c -> first(c, "select count(*) from item where n = " + n)));
  }

  private static boolean await(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(sql);
    }
  }

  private static String first(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
