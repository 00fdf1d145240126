package io.noetl.bus;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A nats-server with JetStream as a child process, on a port of the loopback interface.
 *
 * <p>A JVM that is killed leaves its child running; a later start on the same directory ends it
 * first. One directory must not be used by two running programs.
 */
public final class NatsProcess implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(20);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final Duration VERSION_LIMIT = Duration.ofSeconds(10);
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final String BINARY = "nats-server";

  private final Process process;
  private final int port;
  private final PidFile pidFile;

  private NatsProcess(Process process, int port, PidFile pidFile) {
    this.process = process;
    this.port = port;
    this.pidFile = pidFile;
  }

  /** Starts on a free port; otherwise as {@link #start(Path, Path, int)}. */
  public static NatsProcess start(Path binary, Path directory) throws InterruptedException {
    return start(binary, directory, freePort());
  }

  /**
   * Starts the server and waits until it answers, 20 s at most.
   *
   * @param binary the nats-server program
   * @param directory for streams, configuration, log and process id; made if missing
   * @param port on 127.0.0.1
   * @throws BusUnavailable if the server ends or does not answer in time; says where its log is
   * @throws UncheckedIOException if the directory cannot be written
   */
  public static NatsProcess start(Path binary, Path directory, int port)
      throws InterruptedException {
    return start(binary, directory, port, 0);
  }

  /**
   * As {@link #start(Path, Path, int)}, with a bound on what may be stored.
   *
   * @param maxStore bytes of all streams together; 0 = as much as the server finds right
   */
  public static NatsProcess start(Path binary, Path directory, int port, long maxStore)
      throws InterruptedException {
    Path log = directory.resolve("nats-server.log");
    PidFile pidFile = new PidFile(directory.resolve("nats-server.pid"));
    Process process;
    try {
      Files.createDirectories(directory);
      pidFile.endLeftover(BINARY, STOP_LIMIT);
      Path configuration = directory.resolve("nats-server.conf");
      Files.writeString(configuration, configuration(directory, port, maxStore));
      process =
          new ProcessBuilder(binary.toString(), "-c", configuration.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(nullDevice()))
              .start();
      pidFile.write(process.toHandle());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Expected to start %s in %s, but %s".formatted(binary, directory, e.getMessage()), e);
    }
    NatsProcess started = new NatsProcess(process, port, pidFile);
    try {
      started.awaitReady(log);
      return started;
    } catch (BusUnavailable | InterruptedException e) {
      started.close();
      throw e;
    }
  }

  /**
   * The first nats-server on the search path that is new enough.
   *
   * @param environment looks up an environment variable; null for one that is not set
   */
  public static Optional<Path> findOnPath(Function<String, @Nullable String> environment) {
    String path = environment.apply("PATH");
    if (path == null) {
      return Optional.empty();
    }
    for (String folder : path.split(File.pathSeparator, -1)) {
      Path candidate = Path.of(folder).resolve(BINARY);
      if (!folder.isEmpty() && Files.isExecutable(candidate) && isSupported(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Whether the program says that it is a nats-server of {@code 2.10.27} or newer. */
  public static boolean isSupported(Path binary) {
    try {
      Process asked =
          new ProcessBuilder(binary.toString(), "--version").redirectErrorStream(true).start();
      try {
        // One short line fits into the pipe, so the program can end before it is read.
        if (!asked.waitFor(VERSION_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
          return false;
        }
        String line = firstLine(asked.getInputStream());
        return line != null && line.startsWith(BINARY) && NatsVersion.parse(line).isSupported();
      } finally {
        asked.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (IOException | IllegalArgumentException e) {
      // Not a program that can say its version is not a nats-server that can be used.
      return false;
    }
  }

  /** Where clients connect. */
  public String url() {
    return "nats://127.0.0.1:" + port;
  }

  /** The port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** The process. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** Ends the server: asks, waits 10 s, then kills. Closing twice does nothing. */
  @Override
  public void close() {
    PidFile.end(process.toHandle(), STOP_LIMIT);
    pidFile.delete();
  }

  private void awaitReady(Path log) throws InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!answers()) {
      if (!process.isAlive()) {
        throw new BusUnavailable(
            "Expected %s to start, but it ended with code %d (log=%s)"
                .formatted(BINARY, process.exitValue(), log));
      }
      if (System.nanoTime() >= deadline) {
        throw new BusUnavailable(
            "Expected %s to answer on port %d within %s, but it did not (log=%s)"
                .formatted(BINARY, port, START_LIMIT, log));
      }
      TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    }
  }

  /** A server greets whoever connects, and its greeting says whether JetStream is there. */
  private boolean answers() {
    try (Socket socket = new Socket()) {
      int limit = (int) CONNECT_LIMIT.toMillis();
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), limit);
      socket.setSoTimeout(limit);
      String greeting = firstLine(socket.getInputStream());
      return greeting != null
          && greeting.startsWith("INFO ")
          && greeting.contains("\"jetstream\":true");
    } catch (IOException e) {
      return false;
    }
  }

  private static @Nullable String firstLine(InputStream stream) throws IOException {
    return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8)).readLine();
  }

  private static String configuration(Path directory, int port, long maxStore) {
    return """
    listen: "127.0.0.1:%d"
    jetstream {
      store_dir: "%s"%s
    }
    """
        .formatted(
            port,
            directory.resolve("store").toAbsolutePath().toString().replace("\\", "\\\\"),
            maxStore == 0 ? "" : "\n  max_file_store: " + maxStore);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("Expected a free port on the loopback interface", e);
    }
  }

  private static File nullDevice() {
    return new File(File.separatorChar == '\\' ? "NUL" : "/dev/null");
  }
}
