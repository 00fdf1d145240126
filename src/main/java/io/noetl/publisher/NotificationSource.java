package io.noetl.publisher;

/**
 * Wakes somebody when the outbox has grown. Best effort: a notification may be lost or come late,
 * so whoever is woken must also look by himself now and then.
 *
 * <p>Two implementations, since the driver that wakes quickest is no longer maintained.
 */
public interface NotificationSource extends AutoCloseable {
  /** The channel on which servers tell that the outbox has grown; payloads are empty. */
  String CHANNEL = "noetl_outbox";

  /**
   * Connects and listens; connects again when the connection breaks, and wakes once after that,
   * since something may have been missed.
   *
   * @param wake called on a thread of the source; must be quick
   */
  void start(Runnable wake);

  /** Whether a connection listens now. */
  boolean listening();

  @Override
  void close();
}
