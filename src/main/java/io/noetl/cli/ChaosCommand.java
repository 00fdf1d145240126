package io.noetl.cli;

import io.noetl.bus.NatsProcess;
import io.noetl.chaos.ChaosReport;
import io.noetl.chaos.ChaosRun;
import io.noetl.chaos.ChaosSettings;
import io.noetl.chaos.FaultKind;
import io.noetl.config.ConfigLoader;
import io.noetl.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code noetl chaos}. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description =
        "Starts a whole site on this machine, breaks it again and again, and proves that nothing"
            + " was lost.",
    footer = {
      "",
      "Two servers, publishers, projectors and workers and a system pool, each a process of its"
          + " own,",
      "with a PostgreSQL and a nats-server that only they use. Nothing of yours is touched.",
      "",
      "Faults (--faults chooses):",
      "  kill-server kill-worker kill-system-pool kill-publisher kill-projector pause-worker",
      "  pause-role database-terminate database-crash database-slow bus-kill bus-pause bus-wipe",
      "  bus-old-store bus-full bus-double cut-database cut-bus cut-server",
      "  clock-step disk-full database-full",
      "disk-full and database-full mount file systems of their own, which wants root on Linux;",
      "without it they are left out.",
      "",
      "Exit code: 0 nothing was lost, doubled, stuck or out of order; 1 something was; 2 it could",
      "not be run. Ctrl-C ends all that it has started, and takes its file systems away.",
      "",
      "Examples:",
      "  noetl chaos --minutes 5",
      "  noetl chaos --seed 42 --minutes 30 -o json",
      "  noetl chaos --faults kill-worker,pause-worker --minutes 2 --keep chaos-logs"
    })
final class ChaosCommand implements Callable<Integer> {
  /** What a run that is stopped has to end its processes. */
  private static final Duration STOP = Duration.ofSeconds(60);

  private static final String NATS = "nats-server";

  private final Cli cli;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Chooses load, faults and victims (default: a new one, which is printed).")
  private @Nullable Long seed;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "How long faults are injected, such as 0.5 or 30 (default 5).")
  private double minutes = 5;

  @Option(
      names = "--faults",
      split = ",",
      paramLabel = "KIND",
      description = "Only faults of these kinds, separated by commas (default: all).")
  private List<String> faults = List.of();

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Executions started per second, 1 to 200 (default 10).")
  private int rate = 10;

  @Option(
      names = "--lease",
      paramLabel = "SECONDS",
      description =
          "Lease of commands, 2 or more (default 5); pauses and outages last up to three of them.")
  private int lease = 5;

  @Option(
      names = "--quiet-within",
      paramLabel = "SECONDS",
      description = "How long everything may take to end after the last fault (default 120).")
  private int quiet = 120;

  @Option(
      names = "--sizes-every",
      paramLabel = "MINUTES",
      description =
          "How often -o json has the sizes of tables, stores and processes, such as 0.5 or 10"
              + " (default 1).")
  private double sizesEvery = 1;

  @Option(
      names = "--nats-server",
      paramLabel = "FILE",
      description = "The program (default: on PATH, else where src/build/sh/get-nats.sh puts it).")
  private @Nullable Path natsServer;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description =
          "Works in this folder and leaves it with logs and data when something is wrong (default:"
              + " a temporary one, removed).")
  private @Nullable Path keep;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  ChaosCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    ChaosSettings settings = settings();
    boolean passed = false;
    Thread main = Thread.currentThread();
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> stop(main, ended), "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      ChaosReport report = new ChaosRun(settings, this::say).run();
      passed = report.passed();
      if (output == OutputFormat.json) {
        cli.out().println(Json.text(report.members()));
      } else {
        cli.out().print(report.text());
      }
      cli.out().flush();
    } catch (InterruptedException e) {
      say("stopped; everything it had started is ended");
      return Exit.INTERRUPTED;
    } finally {
      if (passed || keep == null) {
        delete(settings.folder());
      } else {
        say("logs and data are in " + settings.folder());
      }
      ended.countDown();
    }
    forget(hook);
    return passed ? Exit.OK : Exit.FAILED;
  }

  private void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // Told to stop in this very moment, when there is nothing left to stop.
      say("ending");
    }
  }

  /** Ctrl-C or SIGTERM: no process and no mounted file system may be left behind. */
  private void stop(Thread main, CountDownLatch ended) {
    say("stopping");
    main.interrupt();
    try {
      if (!ended.await(STOP.toSeconds(), TimeUnit.SECONDS)) {
        say("gave up after " + STOP.toSeconds() + " s; look for what is left");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void say(String line) {
    cli.err().println("noetl: " + line);
    cli.err().flush();
  }

  private ChaosSettings settings() {
    List<FaultKind> kinds = new ArrayList<>();
    for (String word : faults) {
      kinds.add(
          FaultKind.of(word.strip())
              .orElseThrow(
                  () ->
                      new UserError(
                          "Expected --faults "
                              + String.join(", ", FaultKind.words())
                              + ", but got '"
                              + word
                              + "'")));
    }
    Path program = program();
    Path folder = folder();
    if (kinds.isEmpty()) {
      kinds.addAll(List.of(FaultKind.values()));
      if (!ChaosRun.canFill(folder) && kinds.removeIf(FaultKind::fills)) {
        say("disk-full and database-full are left out: no file system can be mounted here");
      }
    } else if (kinds.stream().anyMatch(FaultKind::fills) && !ChaosRun.canFill(folder)) {
      throw new UserError(
          "Expected to mount a file system for disk-full or database-full, but that is not"
              + " permitted here; it wants root on Linux, and loop devices");
    }
    try {
      return new ChaosSettings(
          seed == null ? System.nanoTime() % 1_000_000_000 : seed,
          Duration.ofMillis(Math.round(minutes * 60_000)),
          kinds,
          rate,
          Duration.ofSeconds(lease),
          Duration.ofSeconds(quiet),
          Duration.ofMillis(Math.round(sizesEvery * 60_000)),
          folder,
          program);
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  private Path folder() {
    try {
      if (keep == null) {
        return Files.createTempDirectory("noetl-chaos-");
      }
      if (Files.exists(keep.resolve("postgres"))) {
        throw new UserError(
            "Expected a new folder for --keep, but " + keep + " holds an earlier run; remove it");
      }
      return Files.createDirectories(keep).toAbsolutePath();
    } catch (IOException e) {
      throw new UserError("Expected to make a folder for the run, but " + e.getMessage());
    }
  }

  private Path program() {
    if (natsServer != null) {
      if (!NatsProcess.isSupported(natsServer)) {
        throw new UserError(
            "Expected --nats-server to be a nats-server of 2.10.27 or newer, but "
                + natsServer
                + " is not");
      }
      return natsServer;
    }
    Path cached = Path.of(System.getProperty("user.home"), ".cache", "noetl", "nats", "bin", NATS);
    Optional<Path> found =
        NatsProcess.findOnPath(ConfigLoader.environment()::get)
            .or(() -> Optional.of(cached).filter(Files::isExecutable))
            .filter(NatsProcess::isSupported);
    return found.orElseThrow(
        () ->
            new UserError(
                "Expected a nats-server of 2.10.27 or newer for noetl chaos, but there is none on"
                    + " PATH nor at "
                    + cached
                    + ". Run src/build/sh/get-nats.sh, or name one with --nats-server FILE"));
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
