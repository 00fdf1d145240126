package io.noetl.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One role as a process of the operating system. Its output is in files, appended to over all its
 * starts. For one thread, but for {@link #ready} and {@link #log}.
 */
public final class RoleProcess {
  private static final Duration EXIT_AFTER_KILL = Duration.ofSeconds(10);

  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path log;
  private final int port;
  private final HttpClient http;
  private @Nullable Process process;

  RoleProcess(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path log,
      int port,
      HttpClient http) {
    this.name = name;
    this.command = command;
    this.environment = environment;
    this.log = log;
    this.port = port;
    this.http = http;
  }

  /** Starts it; returns at once. */
  public RoleProcess start() {
    if (process != null && process.isAlive()) {
      throw new IllegalStateException("Expected " + name + " to have ended, but it runs");
    }
    try {
      Files.writeString(
          log,
          "---- start: "
              + String.join(" ", command.subList(command.indexOf("io.noetl.Main"), command.size()))
              + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      // Settings of whoever runs the tests are not those of the process.
      builder
          .environment()
          .keySet()
          .removeIf(key -> key.matches("(NOETL|POSTGRES|NATS)_.*|JAVA_TOOL_OPTIONS"));
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  public String name() {
    return name;
  }

  /** Where its API or, of a role without one, its health and metrics are. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  public long pid() {
    return running().pid();
  }

  public boolean alive() {
    return process != null && process.isAlive();
  }

  /** Whether {@code /readyz} says so now. */
  public boolean ready() {
    return readyz().startsWith("200");
  }

  private String readyz() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/readyz"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      HttpResponse<String> reply = http.send(request, HttpResponse.BodyHandlers.ofString());
      return reply.statusCode() + " " + reply.body();
    } catch (IOException e) {
      return "no answer: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** Waits until it is ready; fails at once when it ends before. */
  public RoleProcess awaitReady(Duration patience) {
    Waiting.until(
        patience,
        () -> name + " is not ready: " + readyz() + "\n" + lastLines(),
        () -> {
          if (!alive()) {
            throw new AssertionError(
                name + " ended with " + running().exitValue() + "\n" + lastLines());
          }
          return ready();
        });
    return this;
  }

  /** SIGKILL, and waits until it is gone. */
  public void kill() {
    running().destroyForcibly();
    awaitExit(EXIT_AFTER_KILL);
  }

  /** SIGTERM; does not wait. */
  public void terminate() {
    running().destroy();
  }

  /**
   * Waits for its end.
   *
   * @return the exit code
   */
  public int awaitExit(Duration patience) {
    try {
      if (!running().waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(
            "Expected %s to end within %d ms, but it runs\n%s\n%s"
                .formatted(name, patience.toMillis(), lastLines(), threads()));
      }
      return running().exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + name, e);
    }
  }

  /** Processes that it has started, such as interpreters. */
  public List<ProcessHandle> children() {
    return running().descendants().toList();
  }

  /** Where its stdout goes; what it says is on stderr. */
  public Path output() {
    return log.resolveSibling(name + ".out");
  }

  /** Everything that it has written to stderr so far. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What its threads do now, virtual ones too: a stop that hangs is seen nowhere else. */
  private String threads() {
    Path dump = log.toAbsolutePath().resolveSibling(name + ".threads");
    try {
      Files.deleteIfExists(dump);
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(pid()),
                  "Thread.dump_to_file",
                  dump.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!jcmd.waitFor(10, TimeUnit.SECONDS) || !Files.exists(dump)) {
        jcmd.destroyForcibly();
        return "(its threads could not be seen)";
      }
      return Files.readString(dump);
    } catch (IOException e) {
      return "(its threads could not be seen: " + e.getMessage() + ")";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "(interrupted)";
    }
  }

  private String lastLines() {
    List<String> lines = log().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
  }

  private Process running() {
    if (process == null) {
      throw new IllegalStateException("Expected " + name + " to be started, but it never was");
    }
    return process;
  }

  void end() {
    if (process == null) {
      return;
    }
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    awaitExit(EXIT_AFTER_KILL);
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
