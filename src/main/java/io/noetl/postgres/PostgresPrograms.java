package io.noetl.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the programs of an unpacked PostgreSQL. They refuse to run as root; then they run in a user
 * namespace in which this user is nobody, while files still belong to the same owner.
 */
final class PostgresPrograms {
  private static final Duration INITDB_BOUND = Duration.ofMinutes(2);
  private static final long ROOT = 0;
  private static final List<String> AS_NOBODY = List.of("unshare", "-U");

  private final Path bin;
  private final List<String> prefix;

  private PostgresPrograms(Path bin, List<String> prefix) {
    this.bin = bin;
    this.prefix = prefix;
  }

  /**
   * @param ownFolder a folder that this process made: its owner tells who we are
   * @throws IOException when we are root and there is no way not to be
   */
  static PostgresPrograms in(Path binaries, Path ownFolder)
      throws IOException, InterruptedException {
    Path bin = binaries.resolve("bin");
    if (owner(ownFolder) != ROOT) {
      return new PostgresPrograms(bin, List.of());
    }
    PostgresPrograms programs = new PostgresPrograms(bin, AS_NOBODY);
    if (!programs.works(List.of(bin.resolve("postgres").toString(), "--version"))) {
      throw new IOException(
          "PostgreSQL refuses to run as root, and this system does not permit `unshare -U`. Start"
              + " noetl as another user, or configure a server with POSTGRES_HOST");
    }
    return programs;
  }

  private static long owner(Path folder) throws IOException {
    return ((Number) Files.getAttribute(folder, "unix:uid")).longValue();
  }

  private boolean works(List<String> command) throws InterruptedException {
    try {
      Process process = builder(command, ProcessBuilder.Redirect.DISCARD).start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      // The program unshare itself is missing.
      return false;
    }
  }

  /** Makes a data folder with one superuser whose password is in the file. */
  void initdb(Path data, String user, Path passwordFile) throws IOException, InterruptedException {
    Path output = data.resolveSibling("initdb.log");
    Process process =
        builder(
                List.of(
                    bin.resolve("initdb").toString(),
                    "--pgdata=" + data,
                    "--username=" + user,
                    "--pwfile=" + passwordFile,
                    "--auth=scram-sha-256",
                    // The password is 128 random bits, so stretching it only slows each login; but
                    // the driver that listens refuses fewer rounds than these.
                    "--set=scram_iterations=4096",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--no-instructions"),
                ProcessBuilder.Redirect.to(output.toFile()))
            .start();
    if (!process.waitFor(INITDB_BOUND.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("initdb did not end within " + INITDB_BOUND.toSeconds() + " s");
    }
    if (process.exitValue() != 0) {
      throw new IOException("initdb failed:\n" + Files.readString(output).strip());
    }
    Files.deleteIfExists(output);
  }

  /**
   * Starts the server in a session of its own. The process returned is only the starter: it ends
   * with 0 once the server accepts connections, with another code when it does not.
   */
  Process start(Path data, Path log, Duration bound) throws IOException {
    return builder(
            List.of(
                bin.resolve("pg_ctl").toString(),
                "start",
                "--pgdata=" + data,
                "--log=" + log,
                "--wait",
                "--timeout=" + Math.max(1, bound.toSeconds())),
            ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private ProcessBuilder builder(List<String> command, ProcessBuilder.Redirect output) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole);
    // Variables meant for clients would bend where these programs look.
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    builder.redirectErrorStream(true);
    builder.redirectOutput(output);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    return builder;
  }
}
