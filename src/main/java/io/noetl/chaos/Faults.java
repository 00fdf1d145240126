package io.noetl.chaos;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/** Injects faults and heals them again. For one thread. */
final class Faults {
  /** What nats-server may store when its disk is "full": less than one stream's next block. */
  private static final long FULL_BYTES = 64 * 1024;

  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
  private static final Duration RECOVERY = Duration.ofMinutes(2);

  private final Site site;
  private final Load load;
  private final SplittableRandom random;
  private final Duration lease;

  Faults(Site site, Load load, SplittableRandom random, Duration lease) {
    this.site = site;
    this.load = load;
    this.random = random;
    this.lease = lease;
  }

  /** One fault from its beginning to its end. */
  Injection inject(FaultKind kind) throws InterruptedException {
    List<Promise> inFlight = load.inFlight();
    long begun = System.nanoTime();
    String detail =
        switch (kind) {
          case KILL_SERVER -> kill("server");
          case KILL_WORKER -> kill("worker");
          case KILL_SYSTEM_POOL -> kill("system-pool");
          case KILL_PUBLISHER -> kill("publisher");
          case KILL_PROJECTOR -> kill("projector");
          case PAUSE_WORKER -> pause(pick(site.roles("worker")));
          case PAUSE_ROLE ->
              pause(pick(site.roles().stream().filter(r -> !r.mode().equals("worker")).toList()));
          case DATABASE_TERMINATE -> terminate();
          case DATABASE_CRASH -> crash();
          case DATABASE_SLOW -> slow();
          case BUS_KILL -> restartBus(() -> {}, "killed");
          case BUS_PAUSE -> pauseBus();
          case BUS_WIPE -> restartBus(site.bus()::wipe, "killed, store deleted");
          case BUS_OLD_STORE -> oldStore();
          case BUS_FULL -> full();
          case BUS_DOUBLE -> twice();
          case CUT_DATABASE -> cut(pick(site.toDatabase()));
          case CUT_BUS -> cut(pick(site.toBus()));
          case CUT_SERVER -> cut(pick(site.toServers()));
          case CLOCK_STEP -> step();
          case DISK_FULL -> diskFull();
          case DATABASE_FULL -> databaseFull();
        };
    return new Injection(kind, detail, begun, System.nanoTime(), inFlight);
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** So many leases, more or less. */
  private Duration leases(double least, double most) {
    double leases = least + random.nextDouble() * (most - least);
    return Duration.ofMillis(Math.round(lease.toMillis() * leases));
  }

  private String kill(String mode) throws InterruptedException {
    Role victim = pick(site.roles(mode));
    Duration down = random.nextBoolean() ? Duration.ZERO : leases(0.2, 1.5);
    victim.kill();
    Thread.sleep(down);
    victim.start();
    return victim.name() + ", down for " + down.toMillis() + " ms";
  }

  private String pause(Role victim) throws InterruptedException {
    Duration length = lease.multipliedBy(3);
    victim.pause();
    Thread.sleep(length);
    victim.resume();
    return victim.name() + " for " + length.toMillis() + " ms";
  }

  private String terminate() {
    try {
      return site.database().terminateAll() + " connections";
    } catch (SQLException e) {
      throw new IllegalStateException("Expected to end all connections, but " + e.getMessage(), e);
    }
  }

  private String crash() throws InterruptedException {
    Duration down = leases(0, 1);
    site.database().crash();
    Thread.sleep(down);
    site.database().start();
    return "down for " + down.toMillis() + " ms";
  }

  private String slow() throws InterruptedException {
    Duration late = Duration.ofMillis(10 + random.nextInt(90));
    Duration length = leases(1, 3);
    site.toDatabase().forEach(gate -> gate.delay(late));
    Thread.sleep(length);
    site.toDatabase().forEach(Gate::open);
    return late.toMillis() + " ms per packet for " + length.toMillis() + " ms";
  }

  private String restartBus(Runnable meanwhile, String what) throws InterruptedException {
    Duration down = random.nextBoolean() ? Duration.ZERO : leases(0.2, 1.5);
    site.bus().kill();
    meanwhile.run();
    Thread.sleep(down);
    site.bus().start();
    return what + ", down for " + down.toMillis() + " ms";
  }

  private String pauseBus() throws InterruptedException {
    Duration length = leases(0.5, 3);
    site.bus().pause();
    Thread.sleep(length);
    site.bus().resume();
    return "for " + length.toMillis() + " ms";
  }

  private String oldStore() throws InterruptedException {
    if (!site.bus().hasCopy()) {
      restartBus(site.bus()::keepCopy, "copied");
      Thread.sleep(leases(0.5, 1.5));
    }
    return restartBus(site.bus()::restoreCopy, "older store");
  }

  /**
   * As after a full disk: nats-server answers, but streams cannot even be made, for they reserve
   * more than there is. Then room is made and it is started again.
   */
  private String full() throws InterruptedException {
    Duration length = leases(1, 3);
    site.bus().kill();
    site.bus().startFull(FULL_BYTES);
    Thread.sleep(length);
    site.bus().kill();
    site.bus().start();
    return "for " + length.toMillis() + " ms";
  }

  /**
   * A clock that was ahead has made ids of the future: a server that then mints none is started
   * anew, as whoever watches its readiness would.
   */
  private String step() throws InterruptedException {
    Role victim = random.nextBoolean() ? pick(site.roles("server")) : pick(site.roles());
    Duration offset = pick(List.of(Duration.ofSeconds(30), FIVE_MINUTES, Duration.ofHours(1)));
    Duration wrong = random.nextBoolean() ? offset : offset.negated();
    Duration length = leases(0.5, 2);
    victim.clock(wrong);
    Thread.sleep(length);
    victim.clock(Duration.ZERO);
    String detail = victim.name() + " off by " + wrong + " for " + length.toMillis() + " ms";
    Thread.sleep(lease);
    if (victim.alive() && victim.readyz().startsWith("503")) {
      victim.kill();
      victim.start();
      detail += ", started anew as it was not ready";
    }
    return detail;
  }

  private String diskFull() throws InterruptedException {
    Volume volume = Objects.requireNonNull(site.bus().volume());
    Duration length = leases(1, 3);
    volume.fill();
    Thread.sleep(length);
    volume.free();
    // nats-server has switched its streams off, and stays so until it is started again.
    site.bus().kill();
    site.bus().start();
    return "for " + length.toMillis() + " ms, then started again";
  }

  private String databaseFull() throws InterruptedException {
    Volume volume = Objects.requireNonNull(site.database().volume());
    Duration length = leases(1, 3);
    volume.fill();
    boolean log = random.nextBoolean() && site.database().exhaustLog();
    Thread.sleep(length);
    volume.free();
    boolean started = site.database().recover(RECOVERY);
    return (log ? "also its log, for " : "for ")
        + length.toMillis()
        + " ms"
        + (started ? ", then started again" : "");
  }

  private String twice() throws InterruptedException {
    Duration length = leases(1, 3);
    try (BusTap tap = new BusTap(site.bus().port(), lease.dividedBy(2), random.split())) {
      Thread.sleep(length);
      return tap.copies() + " messages within " + length.toMillis() + " ms";
    } catch (IOException e) {
      // nats-server is not there: that happens when a fault hits the recovery from another.
      return "nothing, for " + e.getMessage();
    }
  }

  private String cut(Gate gate) throws InterruptedException {
    Duration length = leases(0.5, 3);
    String how = pick(List.of("cut", "silent", "half-open"));
    switch (how) {
      case "cut" -> gate.cut();
      case "silent" -> gate.silence();
      default -> gate.halfOpen();
    }
    Thread.sleep(length);
    gate.open();
    return gate.name() + " " + how + " for " + length.toMillis() + " ms";
  }
}
