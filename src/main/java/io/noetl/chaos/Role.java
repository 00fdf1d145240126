package io.noetl.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One role as a process; its log is appended to over all its starts. For one thread. */
final class Role {
  private static final Duration EXIT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(3);
  private static final List<String> JVM =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          // Many processes share few cores: little memory, quick to start.
          "-Xmx256m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto");

  private final String name;
  private final String mode;
  private final Map<String, String> settings;
  private final Map<String, String> environment;
  private final Path log;
  private final int port;
  private final HttpClient http;
  private final Path clock;
  private volatile @Nullable Process process;

  /**
   * @param mode such as {@code worker}
   * @param settings by key
   * @param port of its API or, for a role without one, of its health and metrics
   */
  Role(
      String name,
      String mode,
      Map<String, String> settings,
      Map<String, String> environment,
      Path log,
      int port,
      HttpClient http) {
    this.name = name;
    this.mode = mode;
    this.settings = settings;
    this.environment = environment;
    this.log = log;
    this.clock = log.resolveSibling(name + ".clock");
    this.port = port;
    this.http = http;
  }

  String name() {
    return name;
  }

  String mode() {
    return mode;
  }

  int port() {
    return port;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Starts it, unless it runs; returns at once. */
  void start() {
    if (alive()) {
      return;
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.add("-Dnoetl.clock-offset-file=" + clock);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.noetl.Main", "--mode=" + mode));
    settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.add("-D" + (mode.equals("server") ? "server" : "metrics") + ".port=" + port);
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      // Settings of whoever runs this are not those of the site.
      builder
          .environment()
          .keySet()
          .removeIf(key -> key.matches("(NOETL|POSTGRES|NATS)_.*|JAVA_TOOL_OPTIONS"));
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("Expected to start " + name + ", but " + e.getMessage(), e);
    }
  }

  boolean alive() {
    Process running = process;
    return running != null && running.isAlive();
  }

  /** The process, unless it was never started. */
  @Nullable ProcessHandle running() {
    Process running = process;
    return running == null ? null : running.toHandle();
  }

  /** Puts its clock wrong from now on, also after its next start. */
  void clock(Duration offset) {
    try {
      Path next = clock.resolveSibling(name + ".clock.new");
      Files.writeString(next, Long.toString(offset.toMillis()));
      Files.move(next, clock, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL, also of what it has started, and waits until it is gone. */
  void kill() {
    Process running = process;
    if (running == null) {
      return;
    }
    running.destroyForcibly();
    try {
      if (!running.waitFor(EXIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("Expected " + name + " to end on SIGKILL, but it runs");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void pause() {
    handle().ifAlive("STOP");
  }

  void resume() {
    handle().ifAlive("CONT");
  }

  private record Handle(@Nullable Process process) {
    void ifAlive(String signal) {
      if (process != null && process.isAlive()) {
        Signals.send(process.toHandle(), signal);
      }
    }
  }

  private Handle handle() {
    return new Handle(process);
  }

  /** Whether {@code /readyz} says so now. */
  boolean ready() {
    return alive() && readyz().startsWith("200");
  }

  /** What {@code /readyz} says. */
  String readyz() {
    try {
      HttpResponse<String> reply =
          http.send(
              HttpRequest.newBuilder(URI.create(url() + "/readyz")).timeout(ANSWER).build(),
              HttpResponse.BodyHandlers.ofString());
      return reply.statusCode() + " " + reply.body();
    } catch (IOException e) {
      return alive() ? "no answer: " + e.getMessage() : "it does not run";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** Its last lines, for a report. */
  String lastLines() {
    try {
      List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "(its log cannot be read: " + e.getMessage() + ")";
    }
  }
}
