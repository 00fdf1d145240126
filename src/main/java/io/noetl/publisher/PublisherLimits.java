package io.noetl.publisher;

import java.time.Duration;

/**
 * Limits of the publisher.
 *
 * @param tick the longest time between two looks at the outbox
 * @param fetchSize rows read from the database at a time
 * @param republishAfter how long a row may stay unprojected before it is published again; longer
 *     than the bus's duplicate window
 * @param hintRepublishAfter how long a hint may stay unclaimed before it is repeated
 * @param republishBatch rows or hints repeated at a time
 * @param repeatedHints hints of one pool repeated at a time, for commands that nobody has held yet
 * @param shards number of projector shards
 */
public record PublisherLimits(
    Duration tick,
    int fetchSize,
    Duration republishAfter,
    Duration hintRepublishAfter,
    int republishBatch,
    int repeatedHints,
    int shards) {

  public static final PublisherLimits DEFAULT =
      new PublisherLimits(
          Duration.ofMillis(100),
          500,
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          5_000,
          50,
          1);

  public PublisherLimits {
    positive("publisher.tick", tick.toMillis());
    positive("publisher.fetch-size", fetchSize);
    positive("publisher.republish-after", republishAfter.toMillis());
    positive("command.republish-after", hintRepublishAfter.toMillis());
    positive("publisher.republish-batch", republishBatch);
    positive("publisher.repeated-hints", repeatedHints);
    positive("projector.shard-count", shards);
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("Expected " + name + " to be positive, but got " + value);
    }
  }
}
