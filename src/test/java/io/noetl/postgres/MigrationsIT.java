package io.noetl.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.config.DatabaseConfig;
import io.noetl.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MigrationsIT {
  @Test
  void appliesWhatIsPendingOnce() {
    Migrations migrations = new Migrations(TestPostgres.empty());
    assertThat(migrations.applied()).isZero();
    assertThat(migrations.pending()).isNotEmpty().endsWith(Migrations.newest());
    assertThatThrownBy(migrations::check)
        .isInstanceOfSatisfying(
            DatabaseException.class,
            e -> assertThat(e.kind()).isEqualTo(DatabaseException.Kind.SCHEMA_BEHIND))
        .hasMessageContaining("is empty: run `noetl migrate` or start with --migrate");

    int pending = migrations.pending().size();
    assertThat(migrations.migrate(_ -> {})).isEqualTo(pending);

    migrations.check();
    assertThat(migrations.pending()).isEmpty();
    assertThat(migrations.migrate(_ -> {})).isZero();
  }

  @Test
  void runsOnceWhenSeveralProcessesTryAtOnce() throws Exception {
    DatabaseConfig config = TestPostgres.empty();
    Callable<Integer> migrate = () -> new Migrations(config).migrate(_ -> {});

    int applied = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> done : threads.invokeAll(List.of(migrate, migrate, migrate))) {
        applied += done.get();
      }
    }

    assertThat(applied).isEqualTo(Migrations.newest());
    new Migrations(config).check();
  }

  @Test
  void refusesADatabaseOfANewerVersion() throws SQLException {
    DatabaseConfig config = TestPostgres.migrated();
    try (Connection connection = Database.connect(config, "test");
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          insert into noetl.flyway_schema_history
            (installed_rank, version, description, type, script, installed_by, execution_time,
             success)
          values (1000, '9000', 'later', 'SQL', 'V9000__later.sql', 'noetl', 1, true)\
          """);
    }
    Migrations migrations = new Migrations(config);

    assertThatThrownBy(migrations::check)
        .isInstanceOfSatisfying(
            DatabaseException.class,
            e -> assertThat(e.kind()).isEqualTo(DatabaseException.Kind.SCHEMA_NEWER))
        .hasMessageContaining("at 9000: the database was written by a newer version of noetl");
    assertThatThrownBy(() -> migrations.migrate(_ -> {})).isInstanceOf(DatabaseException.class);
  }
}
