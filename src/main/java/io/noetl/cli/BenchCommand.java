package io.noetl.cli;

import io.noetl.bench.Bench;
import io.noetl.bench.BenchException;
import io.noetl.bench.BenchOptions;
import io.noetl.bench.BenchOptions.Topology;
import io.noetl.bench.Report;
import io.noetl.bench.Workload;
import io.noetl.bus.NatsProcess;
import io.noetl.config.ConfigLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code noetl bench}: how fast this build is here, beside what the machine can do. */
@Command(
    sortOptions = false,
    usageHelpWidth = 100,
    description = "Measures this build on this machine, and the machine's raw limits beside it.",
    footer = {
      "",
      "Starts a PostgreSQL of its own (fsync on) and the roles as child processes, in a temporary",
      "folder that is removed at the end. Nothing has to be configured. Progress goes to stderr,"
          + " the",
      "figures to stdout. What each figure means: docs/performance.md.",
      "",
      "Examples:",
      "  noetl bench --quick                                   the essential ones, under 5 minutes",
      "  noetl bench --workload step1,chain10 --in-flight 1,64",
      "  noetl bench --topology processes -o json > figures.json",
      "  noetl bench --compare ../other/target/noetl.jar --runs 5   two builds in turn",
      "  noetl bench --workload chain10 --topology all --in-flight 64 --endure 60   an hour of load"
    })
final class BenchCommand implements Callable<Integer> {
  private final Cli cli;

  @Option(
      names = "--quick",
      description = "Short loops, one and 64 in flight, all roles in one process.")
  private boolean quick;

  @Option(
      names = "--workload",
      split = ",",
      paramLabel = "NAME",
      description =
          "What to measure (default: all): step1, chain10, route10, fanout100, timer, plugin,"
              + " python, ingest, outbox, project, replay, notify, copy.")
  private List<String> workloads = List.of();

  @Option(
      names = "--topology",
      split = ",",
      paramLabel = "NAME",
      description =
          "all (one process) or processes (each role its own, needs nats-server). Default: both, of"
              + " --quick: all.")
  private List<String> topologies = List.of();

  @Option(
      names = "--in-flight",
      split = ",",
      paramLabel = "N",
      description = "Clients side by side (default 1,16,64,256; of --quick 1,64).")
  private List<Integer> inFlight = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Length of each loop (default 10, of --quick 3).")
  private @Nullable Double seconds;

  @Option(names = "--warm-up", paramLabel = "S", description = "Before each workload (default 5).")
  private @Nullable Double warmUp;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Repeats; figures are medians then, with their spread (default 1).")
  private int runs = 1;

  @Option(
      names = "--compare",
      paramLabel = "JAR",
      description = "Another build, which takes turns with this one, loop by loop.")
  private @Nullable Path compare;

  @Option(
      names = "--bus",
      paramLabel = "BUS",
      description = "Bus of topology all: memory (default) or nats.")
  private String bus = "memory";

  @Option(
      names = "--endure",
      paramLabel = "MINUTES",
      description =
          "Instead of loops, one load of this length for each workload and number in flight, in"
              + " twelve windows: is the last as fast as the first? An hour of chain10 writes some"
              + " 40 GB.")
  private @Nullable Double endure;

  @Option(names = "--no-open-loop", description = "Leaves out the loops at half the best rate.")
  private boolean noOpenLoop;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text (default) or json.")
  private OutputFormat output = OutputFormat.text;

  BenchCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws InterruptedException {
    Logs.onlyTrouble();
    BenchOptions options = options();
    long begun = System.nanoTime();
    Bench bench =
        new Bench(
            options,
            line -> {
              long passed = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
              cli.err().printf(Locale.ROOT, "%4d s  %s%n", passed, line);
              cli.err().flush();
            });
    Report report;
    try {
      report = bench.run();
    } catch (BenchException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
    cli.out().println(output == OutputFormat.json ? report.json() : report.text());
    cli.out().flush();
    return Exit.OK;
  }

  private BenchOptions options() {
    @Nullable Path nats =
        NatsProcess.findOnPath(name -> ConfigLoader.environment().get(name)).orElse(null);
    boolean natsBus = bus.equals("nats");
    if (!natsBus && !bus.equals("memory")) {
      throw new UserError("Expected --bus memory or nats, but got '" + bus + "'");
    }
    if (natsBus && nats == null) {
      throw new UserError("Expected a nats-server 2.10.27 or newer on PATH for --bus nats");
    }
    try {
      return new BenchOptions(
          workloads.isEmpty() ? quick ? quickOnes() : List.of(Workload.values()) : named(),
          topologies(),
          inFlight.isEmpty() ? quick ? List.of(1, 64) : List.of(1, 16, 64, 256) : inFlight,
          time(warmUp, quick ? 3 : 5),
          time(seconds, quick ? 3 : 10),
          runs,
          compare,
          natsBus,
          endure == null ? null : Duration.ofMillis(Math.round(endure * 60_000)),
          !noOpenLoop,
          nats);
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  private static List<Workload> quickOnes() {
    return List.of(Workload.values());
  }

  private List<Workload> named() {
    return workloads.stream()
        .map(
            word ->
                Workload.of(word)
                    .orElseThrow(
                        () ->
                            new UserError(
                                "Expected --workload to name some of "
                                    + Arrays.stream(Workload.values())
                                        .map(Workload::word)
                                        .collect(Collectors.joining(", "))
                                    + ", but got '"
                                    + word
                                    + "'")))
        .toList();
  }

  private List<Topology> topologies() {
    if (topologies.isEmpty()) {
      return quick ? List.of(Topology.ALL) : List.of(Topology.values());
    }
    List<Topology> chosen = new ArrayList<>();
    for (String word : topologies) {
      chosen.add(
          Arrays.stream(Topology.values())
              .filter(topology -> topology.word().equals(word))
              .findFirst()
              .orElseThrow(
                  () ->
                      new UserError(
                          "Expected --topology all or processes, but got '" + word + "'")));
    }
    return chosen;
  }

  private static Duration time(@Nullable Double given, int usual) {
    return Duration.ofMillis(Math.round((given == null ? usual : given) * 1_000));
  }
}
