package io.noetl.testing;

import io.noetl.support.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts roles as processes of their own, from the built jar where there is one, else from the
 * class path of the tests. What they write is in {@code target/process-logs}. Closing ends all that
 * still run.
 */
public final class Processes implements AutoCloseable {
  /** Key of stored secrets for servers of tests: 32 bytes in base64. */
  public static final String SECRET_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

  private static final List<String> JVM =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          // Many processes share few cores: little memory, quick to start.
          "-Xmx256m",
          "-Xss512k",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto");

  /** Free when they were looked for; the same one is not given out twice. */
  private final FreePorts ports = new FreePorts();

  private final List<RoleProcess> all = new ArrayList<>();
  private final Path logs;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  /**
   * @param test names the folder of the log files
   */
  public Processes(String test) {
    this.logs = Path.of("target", "process-logs", test);
    try {
      Files.createDirectories(logs);
      try (var old = Files.list(logs)) {
        for (Path file : old.toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A role that is not started yet.
   *
   * @param name of its log file
   * @param mode such as {@code server}
   * @param settings by key, such as {@code worker.slots}; ports are chosen here
   * @param environment what else the process finds there
   */
  public RoleProcess role(
      String name, String mode, Map<String, String> settings, Map<String, String> environment) {
    int port = freePort();
    List<String> arguments = new ArrayList<>(List.of("--mode=" + mode));
    settings.forEach((key, value) -> arguments.add("-D" + key + "=" + value));
    arguments.add(
        "-D"
            + (mode.equals("server") || mode.equals("all") ? "server" : "metrics")
            + ".port="
            + port);
    return add(name, arguments, environment, port);
  }

  /** Any command line, for one that is not expected to stay. */
  public RoleProcess command(String name, Map<String, String> environment, String... arguments) {
    return add(name, List.of(arguments), environment, 0);
  }

  /** A role whose port and settings are in its environment. */
  public RoleProcess role(
      String name, int port, Map<String, String> environment, List<String> arguments) {
    return add(name, arguments, environment, port);
  }

  private RoleProcess add(
      String name, List<String> arguments, Map<String, String> environment, int port) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.addAll(List.of("-cp", classPath(), "io.noetl.Main"));
    command.addAll(arguments);
    RoleProcess process =
        new RoleProcess(name, command, environment, logs.resolve(name + ".log"), port, http);
    all.add(process);
    return process;
  }

  private static String classPath() {
    String jar = System.getProperty("noetl.jar");
    return jar != null && Files.exists(Path.of(jar)) ? jar : System.getProperty("java.class.path");
  }

  /** A port of the loopback interface that nobody uses now. */
  public int freePort() {
    return ports.next();
  }

  @Override
  public void close() {
    all.forEach(RoleProcess::end);
  }
}
