package io.noetl.bus;

import java.time.Duration;
import java.util.Objects;

/**
 * The bounds of a bus, the same for every implementation.
 *
 * @param events bounds of the event stream; when full it discards its oldest messages
 * @param commands bounds of the command queue; when full it refuses new messages
 * @param duplicateWindow how long a message id is remembered; 100 ms or more, at most the age limit
 *     of either stream
 * @param publishWindow how many published messages may wait for their acknowledgement, 1 to 65536
 * @param maxMessageBytes the largest body, 1 byte to 8 MiB; the server's own limit must be larger
 * @param maxPullBytes about how many bytes one pull returns, 64 KiB more than the largest body to
 *     32 MiB
 */
public record BusLimits(
    StreamLimits events,
    StreamLimits commands,
    Duration duplicateWindow,
    int publishWindow,
    int maxMessageBytes,
    int maxPullBytes) {

  private static final Duration MIN_DUPLICATE_WINDOW = Duration.ofMillis(100);
  private static final int MAX_PUBLISH_WINDOW = 65_536;
  private static final int MAX_MESSAGE_BYTES = 8 << 20;
  private static final int MAX_PULL_BYTES = 32 << 20;
  private static final int HEADER_BYTES = 64 << 10;

  public BusLimits {
    Objects.requireNonNull(events, "events");
    Objects.requireNonNull(commands, "commands");
    if (duplicateWindow.compareTo(MIN_DUPLICATE_WINDOW) < 0
        || duplicateWindow.compareTo(events.maxAge()) > 0
        || duplicateWindow.compareTo(commands.maxAge()) > 0) {
      throw new IllegalArgumentException(
          "Expected duplicateWindow from %s to the age limits of the streams (%s, %s), but it is %s"
              .formatted(
                  MIN_DUPLICATE_WINDOW, events.maxAge(), commands.maxAge(), duplicateWindow));
    }
    requireRange("publishWindow", publishWindow, MAX_PUBLISH_WINDOW);
    requireRange("maxMessageBytes", maxMessageBytes, MAX_MESSAGE_BYTES);
    // A batch must hold any one message with its headers, or that message would never come.
    requireRange("maxPullBytes", maxPullBytes, MAX_PULL_BYTES);
    if (maxPullBytes < maxMessageBytes + HEADER_BYTES) {
      throw new IllegalArgumentException(
          "Expected maxPullBytes of maxMessageBytes=%d + %d or more, but it is %d"
              .formatted(maxMessageBytes, HEADER_BYTES, maxPullBytes));
    }
  }

  /**
   * For a server with a disk: events 24 h, 1 GiB, 2 million; commands 1 h, 256 MiB, 1 million;
   * duplicates 20 s; window 4096; bodies 1,000,000 bytes (a server takes 1 MiB, headers included);
   * pulls 16 MiB.
   */
  public static BusLimits defaults() {
    return new BusLimits(
        new StreamLimits(Duration.ofHours(24), 1L << 30, 2_000_000),
        new StreamLimits(Duration.ofHours(1), 256L << 20, 1_000_000),
        Duration.ofSeconds(20),
        4096,
        1_000_000,
        16 << 20);
  }

  /** For a bus in this process's memory: events 64 MiB, 200,000; commands 64 MiB, 200,000. */
  public static BusLimits embeddedDefaults() {
    return defaults()
        .withEvents(new StreamLimits(Duration.ofHours(24), 64L << 20, 200_000))
        .withCommands(new StreamLimits(Duration.ofHours(1), 64L << 20, 200_000));
  }

  public BusLimits withEvents(StreamLimits value) {
    return new BusLimits(
        value, commands, duplicateWindow, publishWindow, maxMessageBytes, maxPullBytes);
  }

  public BusLimits withCommands(StreamLimits value) {
    return new BusLimits(
        events, value, duplicateWindow, publishWindow, maxMessageBytes, maxPullBytes);
  }

  public BusLimits withDuplicateWindow(Duration value) {
    return new BusLimits(events, commands, value, publishWindow, maxMessageBytes, maxPullBytes);
  }

  public BusLimits withPublishWindow(int value) {
    return new BusLimits(events, commands, duplicateWindow, value, maxMessageBytes, maxPullBytes);
  }

  /** The bounds of one stream. */
  public StreamLimits of(BusStream stream) {
    return switch (stream) {
      case EVENTS -> events;
      case COMMANDS -> commands;
    };
  }

  private static void requireRange(String name, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(
          "Expected %s from 1 to %d, but it is %d".formatted(name, max, value));
    }
  }
}
