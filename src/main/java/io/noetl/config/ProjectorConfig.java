package io.noetl.config;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Which shards of the event stream this projector writes to the log, and how.
 *
 * @param shardCount in how many shards all projectors together cut the stream
 * @param shards the shards of this one; empty: from {@code shardId}, else all of them
 * @param shardId a pod name that ends in a number, such as {@code noetl-projector-3}, or a number
 * @param batch messages handled together
 * @param linger how long a batch that is not full waits for more
 */
public record ProjectorConfig(
    int shardCount, List<Integer> shards, String shardId, int batch, Duration linger) {
  private static final Pattern NUMBER_AT_END = Pattern.compile("(?:.*-)?(\\d{1,4})");

  public ProjectorConfig {
    shards = List.copyOf(shards);
    List<Integer> own = shards;
    int count = shardCount;
    new Checks("projector")
        .range("shard-count", shardCount, 1, 1024)
        .that(
            own.stream().allMatch(shard -> shard >= 0 && shard < count),
            "shards",
            "Expected shards from 0 to " + (count - 1) + ", but got " + own)
        .that(
            shardId.isBlank() || (shardOf(shardId) >= 0 && shardOf(shardId) < count),
            "shard-id",
            "Expected a name that ends in a shard from 0 to "
                + (count - 1)
                + " (projector.shard-count is "
                + count
                + "), but got '"
                + shardId
                + "'")
        .range("batch", batch, 1, 10_000)
        .range("linger", linger, Duration.ZERO, Duration.ofSeconds(10))
        .done();
  }

  static ProjectorConfig from(Values values) {
    return new ProjectorConfig(
        values.integer("shard-count", 1, "In how many shards the event stream is cut"),
        values.integers("shards", List.of(), "Shards of this projector; empty: see shard-id"),
        values.text("shard-id", "", "Pod name or number whose last number is the shard"),
        values.integer("batch", 1_000, "Messages handled together"),
        values.duration("linger", Duration.ofMillis(50), "How long a batch waits for more"));
  }

  /** The values that hold when nothing is set. */
  public static ProjectorConfig defaults() {
    return from(Values.defaults("projector"));
  }

  /** The shards that this process writes. */
  public List<Integer> ownShards() {
    if (!shards.isEmpty()) {
      return shards;
    }
    return shardId.isBlank()
        ? IntStream.range(0, shardCount).boxed().toList()
        : List.of(shardOf(shardId));
  }

  private static int shardOf(String text) {
    Matcher matcher = NUMBER_AT_END.matcher(text.strip());
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
  }
}
