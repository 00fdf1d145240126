package io.noetl.tool.transfer;

/**
 * Settings of the transfer tool.
 *
 * @param maxConcurrent {@code transfer.max-concurrent}: calls that run at once; default 4
 * @param chunkSize {@code transfer.chunk-size}: rows written at a time when a call does not say;
 *     default 1000
 * @param maxChunkSize {@code transfer.max-chunk-size}: most rows written at a time; default 100000
 */
public record TransferSettings(int maxConcurrent, int chunkSize, int maxChunkSize) {
  public static final TransferSettings DEFAULT = new TransferSettings(4, 1_000, 100_000);

  public TransferSettings {
    if (maxConcurrent < 1 || chunkSize < 1 || maxChunkSize < 1) {
      throw new IllegalArgumentException(
          "Expected positive numbers of calls and rows, but got "
              + maxConcurrent
              + ", "
              + chunkSize
              + " and "
              + maxChunkSize);
    }
  }
}
