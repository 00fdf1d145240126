package io.noetl.result;

/**
 * Limits of data out of line.
 *
 * @param resultBytes size of one result, and of the value of a loop when it is put together
 * @param cacheBytes JSON of results that a server keeps at hand
 * @param maxReferences stored results that one decision may touch
 * @param partBytes parts in which data is stored while it is made
 * @param streamBytes all parts of such data together
 */
public record ResultLimits(
    long resultBytes, long cacheBytes, int maxReferences, long partBytes, long streamBytes) {
  public static final ResultLimits DEFAULT = new ResultLimits(64L << 20, 16L << 20, 256);

  /** With the usual limits of data that is stored while it is made. */
  public ResultLimits(long resultBytes, long cacheBytes, int maxReferences) {
    this(resultBytes, cacheBytes, maxReferences, 1L << 20, 1L << 30);
  }

  public ResultLimits {
    if (partBytes < 1 || streamBytes < 1) {
      throw new IllegalArgumentException(
          "Expected results.part-bytes and results.stream-bytes to be at least 1, but got "
              + partBytes
              + " and "
              + streamBytes);
    }
    if (resultBytes < 1 || cacheBytes < 0 || maxReferences < 1) {
      throw new IllegalArgumentException(
          "Expected limits.result-body and results.max-references to be at least 1 and"
              + " results.cache-bytes not to be negative, but got "
              + resultBytes
              + ", "
              + maxReferences
              + " and "
              + cacheBytes);
    }
  }
}
