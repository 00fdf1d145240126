package io.noetl.chaos;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What can be done to a site. The word is what {@code --faults} and the report say. */
public enum FaultKind {
  KILL_SERVER("SIGKILL of a server, started again"),
  KILL_WORKER("SIGKILL of a worker, started again"),
  KILL_SYSTEM_POOL("SIGKILL of the system pool, started again"),
  KILL_PUBLISHER("SIGKILL of the publisher or its standby, started again"),
  KILL_PROJECTOR("SIGKILL of a projector, started again"),
  PAUSE_WORKER("SIGSTOP of a worker for three leases: its commands run elsewhere, then it reports"),
  PAUSE_ROLE("SIGSTOP of any other role for as long"),
  DATABASE_TERMINATE("pg_terminate_backend of every connection"),
  DATABASE_CRASH("immediate stop of PostgreSQL, started again after a moment"),
  DATABASE_SLOW("every packet to and from PostgreSQL is late"),
  BUS_KILL("SIGKILL of nats-server, started again"),
  BUS_PAUSE("SIGSTOP of nats-server"),
  BUS_WIPE("SIGKILL of nats-server, its store deleted, started again"),
  BUS_OLD_STORE("SIGKILL of nats-server, started again with an older copy of its store"),
  BUS_FULL("nats-server may store next to nothing, as with a full disk"),
  BUS_DOUBLE("every message on the bus comes twice, the copies late and out of order"),
  CUT_DATABASE("the network between one role and PostgreSQL is cut, silent or half-open"),
  CUT_BUS("the same between one role and nats-server"),
  CUT_SERVER("the same between one worker and the servers"),
  CLOCK_STEP("the clock of one role is 30 s to an hour wrong for some leases, then right again"),
  DISK_FULL("the file system under nats-server has no byte left"),
  DATABASE_FULL("the file system under PostgreSQL has no byte left");

  private final String about;

  FaultKind(String about) {
    this.about = about;
  }

  /** The word, such as {@code kill-worker}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it fills a file system of its own, which wants Linux, root and loop devices. */
  public boolean fills() {
    return this == DISK_FULL || this == DATABASE_FULL;
  }

  /** What happens, for people. */
  public String about() {
    return about;
  }

  /** The kind of this word. */
  public static Optional<FaultKind> of(String word) {
    return Stream.of(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }

  /** All words, in order. */
  public static List<String> words() {
    return Stream.of(values()).map(FaultKind::word).toList();
  }
}
