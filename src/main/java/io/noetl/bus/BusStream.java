package io.noetl.bus;

/** The streams of the system. */
public enum BusStream {
  /** Events of all executions, kept until age or size ends them; each consumer sees all. */
  EVENTS("NOETL_EVENTS", "noetl.events."),
  /** Hints about commands: a work queue, each message for one consumer, gone when acknowledged. */
  COMMANDS("NOETL_COMMANDS", "noetl.commands.");

  private final String wireName;
  private final String prefix;

  BusStream(String wireName, String prefix) {
    this.wireName = wireName;
    this.prefix = prefix;
  }

  /** The name on the server. */
  public String wireName() {
    return wireName;
  }

  /** What every subject of the stream starts with, the dot included. */
  public String prefix() {
    return prefix;
  }

  /** The filter that takes every subject of the stream. */
  public String allSubjects() {
    return prefix + ">";
  }
}
