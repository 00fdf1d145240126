package io.noetl.mode;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a process does, chosen by {@code --mode}. */
public enum Mode {
  /** The HTTP API; the only one that decides. */
  SERVER("the HTTP API, decisions, timers"),
  /** From the outbox to the bus. */
  PUBLISHER("moves events from the outbox to the bus; one active, others stand by"),
  /** From the bus to the log. */
  PROJECTOR("writes events from the bus to the log, in shards"),
  /** Runs WASM plug-ins. */
  SYSTEM_POOL("runs WASM plug-ins in a sandbox"),
  /** Runs the ordinary tools. */
  WORKER("runs the ordinary tools, such as python and http"),
  /** Every role in one process. */
  ALL("every role in one process, with its own PostgreSQL and bus when none is configured");

  private final String about;

  Mode(String about) {
    this.about = about;
  }

  /** The word on the command line, in metrics and in health. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What it does, in one line for the help. */
  public String about() {
    return about;
  }

  /** The mode of this word; {@code system} is another name of {@code system-pool}. */
  public static Optional<Mode> of(String word) {
    String wanted = word.strip().toLowerCase(Locale.ROOT);
    return Stream.of(values())
        .filter(mode -> mode.word().equals(wanted.equals("system") ? "system-pool" : wanted))
        .findFirst();
  }
}
