package io.noetl.testing;

import io.noetl.bus.NatsProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds a real nats-server: on the path, else by the script that fetches one. Where none can be had
 * the calling test is aborted with a message that names what is missing; in continuous integration
 * it fails.
 */
public final class NatsServers {

  private static final Path SCRIPT = Path.of("src", "build", "sh", "get-nats.sh");
  private static final int SCRIPT_LIMIT_SECONDS = 180;

  /** Looked for once per JVM. */
  private static final class Found {
    static final Optional<Path> BINARY = find().map(Found::noted);

    private static Path noted(Path binary) {
      try (BufferedReader said =
          new ProcessBuilder(binary.toString(), "--version")
              .redirectErrorStream(true)
              .start()
              .inputReader()) {
        TestServers.used(said.readLine() + " (" + binary + ")");
        return binary;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private NatsServers() {}

  /** Starts a server with a store of its own; close it to end the server and remove the store. */
  public static NatsServer start() throws InterruptedException {
    return NatsServer.start(binary());
  }

  /** The program; aborts or fails the test if there is none. */
  public static Path binary() {
    if (Found.BINARY.isEmpty()) {
      String message =
          "MISSING: nats-server 2.10.27 or newer, neither on PATH nor to be had by "
              + SCRIPT
              + ". This test did not run.";
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(message);
      }
      System.err.println(message);
      Assumptions.abort(message);
    }
    return Found.BINARY.orElseThrow();
  }

  private static Optional<Path> find() {
    return NatsProcess.findOnPath(System::getenv).or(NatsServers::runScript);
  }

  private static Optional<Path> runScript() {
    if (!Files.isReadable(SCRIPT)) {
      System.err.println("no " + SCRIPT + " in " + Path.of("").toAbsolutePath());
      return Optional.empty();
    }
    try {
      Path output = Files.createTempFile("get-nats", ".out");
      Process script =
          new ProcessBuilder("sh", SCRIPT.toString())
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      boolean ended = script.waitFor(SCRIPT_LIMIT_SECONDS, TimeUnit.SECONDS);
      script.destroyForcibly();
      List<String> lines = Files.readAllLines(output);
      Files.delete(output);
      return ended && script.exitValue() == 0 && !lines.isEmpty()
          ? Optional.of(Path.of(lines.getLast())).filter(NatsProcess::isSupported)
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
