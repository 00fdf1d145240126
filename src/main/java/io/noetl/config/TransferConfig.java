package io.noetl.config;

/**
 * The transfer tool of a worker.
 *
 * @param maxConcurrent calls that run at once; further ones wait
 * @param chunkSize rows written at a time when a call does not say
 * @param maxChunkSize most rows written at a time
 */
public record TransferConfig(int maxConcurrent, int chunkSize, int maxChunkSize) {

  public TransferConfig {
    new Checks("transfer")
        .range("max-concurrent", maxConcurrent, 1, 1_000)
        .range("chunk-size", chunkSize, 1, 1_000_000)
        .range("max-chunk-size", maxChunkSize, 1, 1_000_000)
        .done();
  }

  static TransferConfig from(Values values) {
    return new TransferConfig(
        values.integer("max-concurrent", 4, "Calls that run at once"),
        values.integer("chunk-size", 1_000, "Rows written at a time when a call does not say"),
        values.integer("max-chunk-size", 100_000, "Most rows written at a time"));
  }

  /** The values that hold when nothing is set. */
  public static TransferConfig defaults() {
    return from(Values.defaults("transfer"));
  }
}
