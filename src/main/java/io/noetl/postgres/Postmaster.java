package io.noetl.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The main process of a PostgreSQL server as its {@code postmaster.pid} describes it.
 *
 * @param dataFolder of the server
 * @param pid as written in the file
 * @param started when it wrote the file, to the second
 * @param port it listens on
 * @param ready whether it accepts connections
 */
record Postmaster(Path dataFolder, long pid, Instant started, int port, boolean ready) {
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(5);

  /** How to end it: {@code FAST} rolls back and checkpoints, {@code IMMEDIATE} leaves recovery. */
  enum Signal {
    FAST("INT"),
    IMMEDIATE("QUIT");

    private final String word;

    Signal(String word) {
      this.word = word;
    }
  }

  /** What the file says, if there is one that is complete. */
  static Optional<Postmaster> of(Path dataFolder) throws IOException {
    Path file = dataFolder.resolve("postmaster.pid");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (java.nio.file.NoSuchFileException e) {
      // It stopped between the two calls.
      return Optional.empty();
    }
    if (lines.size() < 4 || !number(lines.get(0)) || !number(lines.get(2))) {
      return Optional.empty();
    }
    return Optional.of(
        new Postmaster(
            dataFolder,
            Long.parseLong(lines.get(0).strip()),
            Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip())),
            number(lines.get(3)) ? Integer.parseInt(lines.get(3).strip()) : 0,
            lines.size() >= 8 && lines.get(7).strip().equals("ready")));
  }

  private static boolean number(String line) {
    return line.strip().matches("\\d{1,18}");
  }

  /**
   * Whether the process with this pid is that server, and not another one that got its number after
   * a restart of the machine: it runs a program named postgres, in this data folder, or, where that
   * cannot be seen, since the time written in the file.
   */
  boolean alive() {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).map(this::isServer).orElse(false);
  }

  private boolean isServer(ProcessHandle process) {
    Optional<Path> program = process.info().command().map(Path::of).map(Path::getFileName);
    if (program.isPresent() && !program.get().toString().startsWith("postgres")) {
      return false;
    }
    Path workingFolder = Path.of("/proc", Long.toString(pid), "cwd");
    try {
      if (Files.isSymbolicLink(workingFolder)) {
        return Files.isSameFile(workingFolder, dataFolder);
      }
    } catch (IOException e) {
      // A process of somebody else hides its folder; our own server would not.
      return false;
    }
    return program.isPresent()
        && process
            .info()
            .startInstant()
            .map(at -> Duration.between(at, started).abs().compareTo(CLOCK_TOLERANCE) <= 0)
            .orElse(false);
  }

  /**
   * Signals the server and waits until it has gone.
   *
   * @return whether it has gone in time
   * @throws IOException when the signal cannot be sent
   */
  boolean stop(Signal signal, Duration bound) throws IOException, InterruptedException {
    // The JDK can send two signals only, and neither means "end the sessions and checkpoint".
    Process kill =
        new ProcessBuilder("sh", "-c", "kill -" + signal.word + " " + pid)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    kill.waitFor(10, TimeUnit.SECONDS);
    long deadline = System.nanoTime() + bound.toNanos();
    while (stillThere()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(POLL);
    }
    return true;
  }

  /** Removing its file is the last thing a server does; its process may linger unreaped. */
  private boolean stillThere() throws IOException {
    return of(dataFolder).filter(now -> now.pid == pid).isPresent() && alive();
  }
}
