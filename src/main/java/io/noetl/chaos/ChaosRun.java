package io.noetl.chaos;

import io.noetl.chaos.ChaosReport.FaultRow;
import io.noetl.chaos.Violation.Sort;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One run from an empty folder to the report. For one thread. */
public final class ChaosRun {
  /** Between two looks at what is waited for. */
  private static final long LOOK_MILLIS = 50;

  private static final Duration START = Duration.ofMinutes(2);
  private static final int MOST_SENTENCES = 50;

  /** One fault in so many does not wait for the recovery from the one before. */
  private static final int UPON_RECOVERY_IN = 4;

  private final ChaosSettings settings;
  private final Path natsServer;
  private final Consumer<String> say;
  private final List<Injection> injections = new ArrayList<>();
  private final List<String> endedByThemselves = new ArrayList<>();

  /**
   * @param say told the progress, a line at a time
   * @throws IllegalArgumentException when there is no nats-server
   */
  public ChaosRun(ChaosSettings settings, Consumer<String> say) {
    this.settings = settings;
    this.say = say;
    Path program = settings.natsServer();
    if (program == null) {
      throw new IllegalArgumentException(
          "Expected a nats-server of 2.10.27 or newer for chaos, but there is none");
    }
    this.natsServer = program;
  }

  /**
   * Runs it.
   *
   * @throws InterruptedException when it was told to stop; everything it had started is ended
   * @throws IllegalStateException when a role does not start, or the database cannot be looked at
   *     in the end
   */
  public ChaosReport run() throws InterruptedException {
    try {
      return whole();
    } catch (SQLException e) {
      throw new IllegalStateException(
          "Expected to look at the database of the site, but " + e.getMessage(), e);
    }
  }

  /** Whether file systems can be made and filled here, for the kinds that want it. */
  public static boolean canFill(Path folder) {
    return Volume.possible(folder);
  }

  private ChaosReport whole() throws InterruptedException, SQLException {
    SplittableRandom random = new SplittableRandom(settings.seed());
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    say.accept(
        "seed %d, %d s, logs in %s"
            .formatted(settings.seed(), settings.length().toSeconds(), settings.folder()));
    try (http;
        Site site = new Site(settings, natsServer, http);
        Effects effects = new Effects()) {
      site.start(START, say);
      Client client = new Client(http, site.serverUrls());
      register(client);
      try (Load load =
              new Load(
                  client,
                  random.split(),
                  settings.rate(),
                  effects.url(),
                  settings.lease().multipliedBy(6).dividedBy(5));
          Watch watch = new Watch(site.database(), load);
          Sizes sizes = new Sizes(site, settings.sizesEvery())) {
        Ticks ticks = new Ticks(client, site.database(), effects);
        watch.begin();
        load.begin();
        ticks.begin();
        Thread.sleep(settings.lease());
        sizes.begin();
        disturb(site, load, random);
        load.stop();
        return conclude(site, client, load, ticks, effects, sizes);
      }
    }
  }

  private static void register(Client client) throws InterruptedException {
    Client.ok(
        client.insist(
            "POST", "/api/plugins/chaos/word-count", "application/wasm", Errand.plugin()));
    Client.ok(client.post("/api/credentials", Errand.CREDENTIAL));
    List<String> texts =
        new ArrayList<>(List.of(Errand.text(Errand.LEAF), Errand.text(Errand.TICK)));
    for (Errand errand : Errand.values()) {
      texts.add(errand.text());
    }
    for (String text : texts) {
      Client.ok(client.post("/api/catalog/register", Map.of("content", text)));
    }
  }

  /** Fault after fault until the time is over: each kind before any comes again. */
  private void disturb(Site site, Load load, SplittableRandom random) throws InterruptedException {
    Faults faults = new Faults(site, load, random.split(), settings.lease());
    long end = System.nanoTime() + settings.length().toNanos();
    List<FaultKind> deck = new ArrayList<>();
    Random order = new Random(random.nextLong());
    while (System.nanoTime() < end) {
      if (deck.isEmpty()) {
        deck.addAll(settings.faults());
        Collections.shuffle(deck, order);
      }
      Injection injection = faults.inject(deck.removeLast());
      injections.add(injection);
      boolean wait = random.nextInt(UPON_RECOVERY_IN) != 0;
      say.accept(
          "%3d %-20s %s; %d in flight, %d started%s"
              .formatted(
                  injections.size(),
                  injection.kind().word(),
                  injection.detail(),
                  injection.inFlight().size(),
                  load.promises().size(),
                  wait ? "" : "; the next one at once"));
      endedByThemselves.addAll(site.restartEnded());
      if (wait) {
        awaitRecovery(injection, end);
      }
      endedByThemselves.addAll(site.restartEnded());
    }
  }

  private void awaitRecovery(Injection injection, long end) throws InterruptedException {
    long patience = settings.lease().multipliedBy(6).plusSeconds(30).toNanos();
    long latest = Math.min(end, System.nanoTime() + patience);
    while (!injection.recovered() && System.nanoTime() < latest) {
      Thread.sleep(LOOK_MILLIS);
    }
    if (!injection.recovered() && System.nanoTime() < end) {
      say.accept(
          "    what it hit has not ended yet: "
              + injection.inFlight().stream().filter(p -> !p.hasEnded()).limit(3).toList());
    }
  }

  private ChaosReport conclude(
      Site site, Client client, Load load, Ticks ticks, Effects effects, Sizes sizes)
      throws InterruptedException, SQLException {
    say.accept("no more faults; waiting until everything has ended");
    site.makeWhole();
    Audit audit = new Audit(site, client, load, ticks, effects);
    for (String missing : site.awaitReady(settings.quiet())) {
      audit.add(Sort.STUCK, null, missing);
    }
    String unfired = ticks.stop(settings.quiet());
    if (!unfired.isEmpty()) {
      audit.add(Sort.STUCK, null, unfired);
    }
    Duration quiet = audit.awaitQuiet(settings.quiet());
    List<Violation> violations = audit.look();
    Map<String, Long> totals = new TreeMap<>();
    for (Sort sort : Sort.values()) {
      totals.put(
          sort.name().toLowerCase(Locale.ROOT),
          violations.stream().filter(violation -> violation.sort() == sort).count());
    }
    OwnDatabase database = site.database();
    return new ChaosReport(
        settings.seed(),
        settings.length(),
        load.promises().stream().filter(promise -> promise.executionId() != null).count(),
        ticks.fired(),
        database.number(
            "select count(*) from noetl.execution where parent_execution_id is not null"),
        database.number("select count(*) from noetl.event"),
        database.number("select count(*) from noetl.event where event_type = 'command.expired'"),
        audit.effectsDone(),
        audit.effectsRepeated(),
        endedByThemselves,
        quiet,
        rows(violations),
        sizes.end(),
        totals,
        violations.stream().limit(MOST_SENTENCES).map(Violation::sentence).toList());
  }

  private List<FaultRow> rows(List<Violation> violations) {
    List<FaultRow> rows = new ArrayList<>();
    for (FaultKind kind : settings.faults()) {
      List<Injection> own =
          injections.stream().filter(injection -> injection.kind() == kind).toList();
      if (own.isEmpty()) {
        continue;
      }
      List<Long> recoveries = own.stream().map(Injection::recoveryMillis).sorted().toList();
      rows.add(
          new FaultRow(
              kind.word(),
              own.size(),
              own.stream().mapToLong(injection -> injection.inFlight().size()).sum(),
              count(violations, Sort.LOST, own),
              count(violations, Sort.DOUBLED, own),
              count(violations, Sort.STUCK, own),
              count(violations, Sort.DISORDERED, own),
              recoveries.get((recoveries.size() - 1) / 2),
              recoveries.getLast()));
    }
    return rows;
  }

  private static long count(List<Violation> violations, Sort sort, List<Injection> faults) {
    return violations.stream()
        .filter(violation -> violation.sort() == sort)
        .filter(
            violation -> {
              Promise promise = violation.promise();
              return promise != null && faults.stream().anyMatch(fault -> fault.touched(promise));
            })
        .count();
  }
}
