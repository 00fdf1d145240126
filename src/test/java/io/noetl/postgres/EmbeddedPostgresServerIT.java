package io.noetl.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.config.DatabaseConfig;
import io.noetl.config.EmbeddedPostgresConfig;
import io.noetl.config.Secret;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresServerIT {
  @TempDir Path folder;

  @Test
  void keepsItsDataAcrossRestartsAndSyncsEveryCommit() throws Exception {
    try (EmbeddedPostgresServer server = server()) {
      server.start();
      assertThat(show(server, "fsync")).isEqualTo("on");
      assertThat(show(server, "synchronous_commit")).isEqualTo("on");
      assertThat(show(server, "full_page_writes")).isEqualTo("on");
      assertThat(show(server, "listen_addresses")).isEqualTo("127.0.0.1");
      execute(server, "create table kept as select 7 as n");
    }
    assertThat(folder.resolve("data/postmaster.pid")).doesNotExist();

    try (EmbeddedPostgresServer again = server()) {
      again.start();

      assertThat(first(again, "select n from kept")).isEqualTo("7");
    }
  }

  @Test
  void refusesAFolderThatAnotherOneUses() throws Exception {
    try (EmbeddedPostgresServer first = server();
        EmbeddedPostgresServer second = server()) {
      first.start();

      assertThatThrownBy(second::start)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("another noetl process uses it");
      assertThat(first(first, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void refusesAWrongPassword() throws Exception {
    try (EmbeddedPostgresServer server = server()) {
      server.start();
      DatabaseConfig right = server.database(DatabaseConfig.defaults());
      DatabaseConfig wrong =
          right.at(right.host(), right.port(), right.name(), right.user(), new Secret("guess"));

      assertThatThrownBy(() -> Database.connect(wrong, "test").close())
          .isInstanceOfSatisfying(
              DatabaseException.class,
              e -> assertThat(e.kind()).isEqualTo(DatabaseException.Kind.WRONG_PASSWORD))
          .hasMessageContaining("127.0.0.1:" + server.port() + "/noetl as noetl")
          .hasMessageContaining("POSTGRES_PASSWORD")
          .hasMessageNotContaining("guess");
    }
  }

  @Test
  void stopsTheServerThatAKilledProcessLeft() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                EmbeddedServerProcess.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said;
    try (BufferedReader output = process.inputReader()) {
      said = output.readLine();
      process.destroyForcibly().waitFor();
    }
    assertThat(said).startsWith("pid ");
    Postmaster leftover = Postmaster.of(folder.resolve("data")).orElseThrow();
    assertThat(leftover.pid()).isEqualTo(Long.parseLong(said.substring(4)));
    assertThat(leftover.alive()).isTrue();

    try (EmbeddedPostgresServer server = server()) {
      server.start();

      assertThat(leftover.alive()).isFalse();
      assertThat(first(server, "select answer from survivor")).isEqualTo("42");
    }
  }

  @Test
  void leavesAStrangerWithTheSamePidAlone() throws Exception {
    try (EmbeddedPostgresServer server = server()) {
      server.start();
    }
    Process stranger = new ProcessBuilder("sleep", "600").start();
    try {
      Path data = folder.resolve("data");
      Files.writeString(
          data.resolve("postmaster.pid"),
          "%d\n%s\n%d\n%d\n\n127.0.0.1\n1 1\nready   \n"
              .formatted(stranger.pid(), data, System.currentTimeMillis() / 1000, 5432));

      try (EmbeddedPostgresServer server = server()) {
        server.start();

        assertThat(stranger.isAlive()).isTrue();
        assertThat(server.pid()).isNotEqualTo(stranger.pid());
      }
    } finally {
      stranger.destroyForcibly();
    }
  }

  @Test
  void refusesTheDataOfAnotherMajorVersion() throws Exception {
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/PG_VERSION"), "99\n");

    try (EmbeddedPostgresServer server = server()) {
      assertThatThrownBy(server::start)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("was written by PostgreSQL 99");
    }
  }

  @Test
  void saysThatItsFolderIsAFile() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    try (EmbeddedPostgresServer server =
        new EmbeddedPostgresServer(file, EmbeddedPostgresConfig.defaults())) {
      assertThatThrownBy(server::start).hasMessageContaining(file + " is a file");
    }
  }

  @Test
  void saysWhyItDoesNotStart() throws Exception {
    try (EmbeddedPostgresServer server = server()) {
      server.start();
    }
    Files.writeString(folder.resolve("data/custom.conf"), "no_such_setting = 1\n");

    try (EmbeddedPostgresServer server = server()) {
      assertThatThrownBy(server::start)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("no_such_setting");
    }
  }

  private EmbeddedPostgresServer server() {
    return new EmbeddedPostgresServer(folder, EmbeddedPostgresConfig.defaults());
  }

  private static String show(EmbeddedPostgresServer server, String setting) throws SQLException {
    return first(server, "show " + setting);
  }

  private static String first(EmbeddedPostgresServer server, String sql) throws SQLException {
    try (Connection connection =
            Database.connect(server.database(DatabaseConfig.defaults()), "test");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static void execute(EmbeddedPostgresServer server, String sql) throws SQLException {
    try (Connection connection =
            Database.connect(server.database(DatabaseConfig.defaults()), "test");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
