package io.noetl.bench;

import io.noetl.bench.BenchOptions.Topology;
import io.noetl.bench.RawLimits.Limit;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Leads a bench from its stand to its figures. Used by one thread. */
public final class Bench {
  /** Longest measurement of a raw limit; shorter where the loops are. */
  private static final Duration LONGEST_RAW = Duration.ofMillis(1_500);

  /** HotSpot compiles what is called often: one client alone would be measured before it has. */
  private static final int WARM_UP_CLIENTS = 16;

  private static final int WARM_UP_CLIENTS_AT_MOST = 64;

  private final BenchOptions options;
  private final Duration raw;
  private final Consumer<String> progress;
  private final List<Sample> samples = new ArrayList<>();
  private final Map<String, Map<String, Double>> memory = new LinkedHashMap<>();
  private final RawLimits limits = new RawLimits();
  private final Endurance endurance = new Endurance();
  private @Nullable Long longExecution;

  /**
   * @param progress told in a line what is being measured, and what came of it
   */
  public Bench(BenchOptions options, Consumer<String> progress) {
    this.options = options;
    this.raw = options.measured().compareTo(LONGEST_RAW) < 0 ? options.measured() : LONGEST_RAW;
    this.progress = progress;
  }

  /**
   * Measures everything that was asked for.
   *
   * @throws BenchException when a stand cannot be had, or the database fails
   * @throws InterruptedException when interrupted; everything that was started has ended
   */
  public Report run() throws InterruptedException {
    try {
      for (Topology topology : options.topologies()) {
        if (topology == Topology.PROCESSES && options.nats() == null) {
          progress.accept("no topology processes: it needs a nats-server 2.10.27 or newer on PATH");
          continue;
        }
        measure(topology);
      }
    } catch (SQLException e) {
      throw new BenchException("Expected the database to answer, but " + e.getMessage(), e);
    }
    return new Report(options, samples, memory, limits.all(), endurance);
  }

  private void measure(Topology topology) throws InterruptedException, SQLException {
    List<Stand> stands = new ArrayList<>();
    try {
      stands.add(stand(Build.own(options.compare() == null), topology));
      var other = options.compare();
      if (other != null) {
        stands.add(stand(Build.of(other), topology));
      }
      raw(topology, stands.getFirst());
      for (Stand stand : stands) {
        stand.start(topology);
      }
      for (Stand stand : stands) {
        memory.put(topology.word() + " idle " + stand.name(), Meter.memory(stand));
      }
      limits.http(stands.getFirst(), raw);
      if (options.workloads().contains(Workload.REPLAY)) {
        longExecution = new ApiRuns(stands.getFirst().client()).longExecution();
      }
      for (Workload workload : options.workloads()) {
        if (workload.throughApi()) {
          throughApi(topology, stands, workload);
        }
      }
      for (Stand stand : stands) {
        memory.put(topology.word() + " after load " + stand.name(), Meter.memory(stand));
        stand.stopRoles();
      }
      parts(topology, stands.getFirst());
    } finally {
      stands.forEach(Stand::close);
    }
  }

  private Stand stand(Build build, Topology topology) throws InterruptedException {
    progress.accept("stand " + topology.word() + " of " + build.name());
    return Stand.open(build, natsServer(topology));
  }

  private @Nullable Path natsServer(Topology topology) {
    return topology == Topology.PROCESSES || options.natsBus() ? options.nats() : null;
  }

  private void raw(Topology topology, Stand stand) throws InterruptedException, SQLException {
    progress.accept("raw limits of this machine");
    limits.database(stand, raw);
    if (options.workloads().contains(Workload.PYTHON)) {
      Limit python = RawTools.python(raw);
      if (python != null) {
        limits.put("python", python);
      }
    }
    try (OwnBus own = OwnBus.open(natsServer(topology))) {
      limits.bus(own.bus(), raw);
    }
  }

  private void throughApi(Topology topology, List<Stand> stands, Workload workload)
      throws InterruptedException, SQLException {
    int most = options.inFlight().stream().mapToInt(Integer::intValue).max().orElse(1);
    List<ApiRuns> clients = new ArrayList<>();
    List<Load.Run> runs = new ArrayList<>();
    for (Stand stand : stands) {
      ApiRuns client = new ApiRuns(stand.client());
      clients.add(client);
      int warming = Math.clamp(most, WARM_UP_CLIENTS, WARM_UP_CLIENTS_AT_MOST);
      Load.Run run = client.prepare(workload, Math.max(most, warming));
      runs.add(run);
      Load.closed(warming, options.warmUp(), run);
    }
    Duration endure = options.endure();
    if (endure != null) {
      endure(topology, stands.getFirst(), workload, runs.getFirst(), Endurance.window(endure));
    } else {
      loops(topology, stands, workload, runs);
    }
    clients.forEach(ApiRuns::finish);
  }

  private void endure(
      Topology topology, Stand stand, Workload workload, Load.Run run, Duration window)
      throws InterruptedException, SQLException {
    for (int inFlight : options.inFlight()) {
      for (int i = 0; i < Endurance.WINDOWS; i++) {
        Sample sample = closed(topology, stand, workload, inFlight, run, window);
        try (Connection connection = stand.connect()) {
          endurance.add(sample, stand, connection);
        }
      }
    }
  }

  private void loops(Topology topology, List<Stand> stands, Workload workload, List<Load.Run> runs)
      throws InterruptedException, SQLException {
    double best = 0;
    for (int inFlight : options.inFlight()) {
      for (int i = 0; i < options.runs(); i++) {
        for (int build = 0; build < stands.size(); build++) {
          Sample sample =
              closed(
                  topology,
                  stands.get(build),
                  workload,
                  inFlight,
                  runs.get(build),
                  options.measured());
          best = Math.max(best, sample.runsPerSecond());
        }
      }
    }
    if (options.openLoop() && best > 0) {
      for (int i = 0; i < options.runs(); i++) {
        for (int build = 0; build < stands.size(); build++) {
          open(topology, stands.get(build), workload, best / 2, runs.get(build));
        }
      }
    }
  }

  private Sample closed(
      Topology topology,
      Stand stand,
      Workload workload,
      int inFlight,
      Load.Run run,
      Duration length)
      throws InterruptedException, SQLException {
    try (Connection connection = stand.connect()) {
      Meter.Reading before = Meter.read(stand, connection);
      Load.Outcome outcome = Load.closed(inFlight, length, run);
      Meter.Used used = Meter.between(before, Meter.read(stand, connection));
      return told(sample(stand.name(), topology, workload, "closed", inFlight, 0, outcome, used));
    }
  }

  private void open(Topology topology, Stand stand, Workload workload, double rate, Load.Run run)
      throws InterruptedException, SQLException {
    try (Connection connection = stand.connect()) {
      Meter.Reading before = Meter.read(stand, connection);
      Load.Outcome outcome = Load.open(rate, options.measured(), run);
      Meter.Used used = Meter.between(before, Meter.read(stand, connection));
      told(sample(stand.name(), topology, workload, "open", 0, rate, outcome, used));
    }
  }

  /** With the raw limit that fits: one in flight waits for commits, many wait for rows. */
  private Sample sample(
      String build,
      Topology topology,
      Workload workload,
      String mode,
      int inFlight,
      double target,
      Load.Outcome outcome,
      Meter.Used used) {
    String name =
        switch (workload) {
          case PLUGIN -> "plugin";
          case PYTHON -> "python";
          case INGEST -> "rows-100";
          default -> inFlight == 1 ? "commit-1" : "rows-100";
        };
    Limit limit = limits.get(name);
    double ratio = 0;
    if (limit != null) {
      double done =
          switch (name) {
            case "rows-100" -> used.rows() / outcome.seconds();
            case "commit-1" -> used.commits() / outcome.seconds();
            default -> outcome.rate();
          };
      ratio = done / limit.perSecond();
    }
    return Sample.of(
        build,
        topology.word(),
        workload,
        mode,
        inFlight,
        target,
        outcome,
        used,
        limit == null ? null : name,
        ratio);
  }

  private Sample told(Sample sample) {
    samples.add(sample);
    progress.accept(Report.line(sample));
    return sample;
  }

  private void parts(Topology topology, Stand stand) throws InterruptedException, SQLException {
    List<Workload> wanted =
        options.workloads().stream().filter(workload -> !workload.throughApi()).toList();
    if (wanted.isEmpty()) {
      return;
    }
    Parts parts = new Parts(stand, natsServer(topology), options.measured(), longExecution);
    for (Workload workload : wanted) {
      for (int i = 0; i < options.runs(); i++) {
        for (Parts.Measured measured : parts.measure(workload)) {
          Limit other = measured.beside();
          Limit limit = other == null ? limits.get(measured.limit()) : other;
          told(
              Sample.of(
                      stand.name(),
                      topology.word(),
                      workload,
                      measured.mode(),
                      0,
                      0,
                      measured.outcome(),
                      null,
                      limit == null ? null : measured.limit(),
                      limit == null ? 0 : measured.ratio(limit))
                  .times(measured.units()));
        }
      }
    }
  }
}
