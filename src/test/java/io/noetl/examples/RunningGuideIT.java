package io.noetl.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.noetl.config.DatabaseConfig;
import io.noetl.testing.NatsServer;
import io.noetl.testing.NatsServers;
import io.noetl.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/running.md, followed to the letter: its SQL, then its {@code sh} blocks as one script, with
 * five processes on a real PostgreSQL and a real NATS. Only addresses and names are replaced.
 */
class RunningGuideIT {
  private static final List<String> ROLES =
      List.of("server", "publisher", "projector", "worker", "system-pool");
  private static final List<String> FOLDERS = List.of("docs", "wasm-plugins");
  private static final int LIMIT_SECONDS = 300;

  @TempDir Path clone;

  @Test
  void theGuideLeadsToACompletedExecution() throws Exception {
    Markdown guide = Markdown.read("docs/running.md");
    DatabaseConfig superuser = TestPostgres.empty();
    String name = "guide_" + ProcessHandle.current().pid();
    try (NatsServer nats = NatsServers.start()) {
      execute(superuser, guide.blocks("sql").replace(" noetl", " " + name));
      String script =
          withFreePorts(guide.blocks("sh"))
              .replace("POSTGRES_HOST=127.0.0.1", "POSTGRES_HOST=" + superuser.host())
              .replace("POSTGRES_PORT=5432", "POSTGRES_PORT=" + superuser.port())
              .replace("=noetl", "=" + name)
              .replace("nats://127.0.0.1:4222", nats.url());

      String output = run(script);

      assertThat(output)
          .containsPattern("[1-9]\\d* migrations?")
          .contains("Hello, world!", "most_frequent", "Hello, Ada!")
          .contains("event: playbook.completed", "\"status\":\"COMPLETED\"")
          .containsPattern("noetl_journal_events_total\\{.*} [1-9]")
          .containsPattern("noetl_publisher_published_total\\{.*} [1-9]")
          .containsPattern("noetl_projector_inserted_total\\{.*} [1-9]");
      assertThat(output.split("\"status\":\"ok\"", -1)).as(output).hasSize(ROLES.size() + 1);
      for (String role : ROLES) {
        assertThat(Files.readString(clone.resolve(role + ".log"))).as(role).contains("stopped");
      }
    }
  }

  private String run(String script) throws IOException, InterruptedException {
    Path launcher = Files.writeString(clone.resolve("noetl"), launcher());
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    for (String folder : FOLDERS) {
      Files.createSymbolicLink(clone.resolve(folder), Path.of(folder).toAbsolutePath());
    }
    Path output = clone.resolve("output.txt");
    Process bash =
        new ProcessBuilder("bash", "-c", "set -eux\n" + script)
            .directory(clone.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = bash.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      String text = Files.readString(output);
      assertThat(ended).as("ended within %d s: %s", LIMIT_SECONDS, text).isTrue();
      assertThat(bash.exitValue()).as(text).isZero();
      return text;
    } finally {
      List<ProcessHandle> left = new ArrayList<>(bash.descendants().toList());
      left.add(bash.toHandle());
      left.forEach(ProcessHandle::destroyForcibly);
      left.forEach(process -> process.onExit().join());
      for (String folder : FOLDERS) {
        Files.delete(clone.resolve(folder));
      }
    }
  }

  /** Starts the built jar where there is one, else the classes that this test was compiled with. */
  static String launcher() {
    String jar = System.getProperty("noetl.jar");
    String program =
        jar == null
            ? "-cp '" + System.getProperty("java.class.path") + "' io.noetl.Main"
            : "-jar '" + jar + "'";
    return """
    #!/bin/sh
    exec '%s/bin/java' -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED %s "$@"
    """
        .formatted(System.getProperty("java.home"), program);
  }

  private static String withFreePorts(String script) throws IOException {
    String replaced = script;
    List<ServerSocket> taken = new ArrayList<>();
    try {
      for (String port : List.of("8082", "9091", "9092", "9093", "9094")) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        taken.add(socket);
        replaced = replaced.replace(port, Integer.toString(socket.getLocalPort()));
      }
    } finally {
      for (ServerSocket socket : taken) {
        socket.close();
      }
    }
    return replaced;
  }

  private static void execute(DatabaseConfig superuser, String sql) throws SQLException {
    String url = superuser.jdbcUrl();
    try (Connection connection =
            DriverManager.getConnection(url, superuser.user(), superuser.password().reveal());
        Statement statement = connection.createStatement()) {
      for (String one : sql.split(";")) {
        if (!one.isBlank()) {
          statement.execute(one);
        }
      }
    }
  }
}
